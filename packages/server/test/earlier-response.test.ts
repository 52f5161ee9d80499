import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { EndpointOptions } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { serve, signal, until } from './support/serving.ts';

// A client that ends its side while its upgrade waits for the response to an earlier request of its own.

async function endedWhileWaiting(options: EndpointOptions<undefined>): Promise<string[]> {
  const events: string[] = [];
  const finish = signal();
  const { port, server, endpoint } = await serve<undefined>(
    {
      ...options,
      open: () => events.push('open'),
      message: (_socket, message) => events.push(String(message)),
      close: (_socket, code) => events.push(`close ${code}`),
    },
    { listener: (_request, response) => void finish.happened.then(() => response.end('served')) },
  );
  const peer = await RawPeer.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  peer.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', upgradeRequest('/'), frame(Opcode.TEXT, 'hello'));
  const [, stream] = (await once(server, 'upgrade')) as [unknown, Duplex];
  peer.socket.end();
  await once(stream, 'end');
  finish.happen();
  await once(stream, 'close');
  await until(() => endpoint.connectionCount === 0);
  expect(await peer.response()).toMatchObject({ status: 200, body: 'served' });
  return events;
}

describe('a client that has ended its side while its upgrade waited for an earlier response', () => {
  it('is heard to the end, and let go', async () => {
    expect(await endedWhileWaiting({})).toEqual(['open', 'hello', 'close 1006']);
  });

  it('is not waited for by a decision that takes time', async () => {
    const aborted = signal<boolean>();
    const events = await endedWhileWaiting({
      upgrade: async (request) => {
        await new Promise((resolve) => setImmediate(resolve));
        aborted.happen(request.signal.aborted);
        return { data: undefined };
      },
    });
    expect(events).toEqual([]);
    expect(await aborted.happened).toBe(true);
  });
});
