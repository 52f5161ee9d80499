import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { OpenEvent, RefusedEvent } from '@tidewire/server';
import { BodyWriter, RecordReader, type TunnelRecord } from '@tidewire/tunnel';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import { frame, Opcode } from '../support/raw-peer.ts';
import { closeOf, nextMessage, open, serve, until } from '../support/serving.ts';
import { ack, bytesOf, data, done, TunnelPeer } from '../support/tunnel-peer.ts';

// Requests of a tunnel as messages of a WebSocket: PROTOCOL.md of packages/tunnel, section 11.

const hello = frame(Opcode.TEXT, 'hello');
const echoed = Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('hello')]);
const subprotocols = ['tidewire-tunnel.v1'];

async function serveEcho(options: Parameters<typeof serve>[0] = {}) {
  return await serve({ ...options, message: (socket, message) => void socket.send(message) });
}

/** A session, and a WebSocket for its requests. */
async function openBoth(port: number, origin?: string) {
  const peer = await TunnelPeer.open(port, '/', [], origin);
  const url = `ws://127.0.0.1:${port}${peer.path}`;
  const socket = await open(url, subprotocols, origin === undefined ? {} : { origin });
  return { peer, socket, url };
}

function numbered(number: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(number);
  return Buffer.concat([head, body]);
}

interface Answer {
  readonly kind: number | undefined;
  readonly number: number;
  readonly payload: Buffer;
}

async function nextAnswer(socket: WebSocket): Promise<Answer> {
  const message = await nextMessage(socket);
  if (typeof message === 'string') throw new Error('It is text');
  return asAnswer(message);
}

function asAnswer(message: Buffer): Answer {
  return { kind: message[0], number: message.readUInt32BE(1), payload: message.subarray(5) };
}

const recordsOf = ({ payload }: Answer): readonly TunnelRecord[] => new RecordReader().push(payload);

describe('a request as a message of a WebSocket', () => {
  it('is answered with its number, in one message where the answer comes at once', async () => {
    const { port } = await serveEcho();
    const { peer, socket } = await openBoth(port);
    socket.send(numbered(7, peer.body('TAKE', ack(0), data(0, hello))));
    const answer = await nextAnswer(socket);
    expect([answer.kind, answer.number]).toEqual([1, 7]);
    expect(bytesOf(recordsOf(answer))).toEqual(echoed);
    expect(recordsOf(answer).at(-1)).toEqual(done);
  });

  it('is answered in parts where it is held, and takes over from a request by HTTP', async () => {
    const { port } = await serveEcho();
    const { peer, socket } = await openBoth(port);
    const before = await peer.stream(ack(0));
    await before.until('HELLO');
    socket.send(numbered(1, peer.body('STREAM', ack(0))));
    expect(await nextAnswer(socket)).toMatchObject({ kind: 0, number: 1 });
    await before.until('DONE');
    socket.send(numbered(2, peer.body('SEND', ack(0), data(0, hello))));
    // More than one may come in a turn.
    const answers: Answer[] = [];
    socket.on('message', (message: Buffer) => answers.push(asAnswer(message)));
    await until(
      () => answers.some(({ number }) => number === 2) && bytesOf(answers.flatMap(recordsOf)).length >= echoed.length,
    );
    expect(answers.filter(({ number }) => number === 2).map(({ kind }) => kind)).toEqual([1]);
    expect(bytesOf(answers.filter(({ number }) => number === 1).flatMap(recordsOf))).toEqual(echoed);
  });

  it('lets go of what it held when its WebSocket is gone', async () => {
    const { port, endpoint } = await serve({ tunnel: { graceTime: 1000 } });
    const { peer, socket } = await openBoth(port);
    socket.send(numbered(1, peer.body('STREAM', ack(0))));
    await nextAnswer(socket);
    const [session] = endpoint.sockets;
    socket.terminate();
    expect(await session?.closed).toMatchObject({ code: 1006 });
  });

  it('that is wrong is refused with the status and the code that HTTP would have', async () => {
    const { port } = await serveEcho();
    const { peer, socket } = await openBoth(port);
    socket.send(numbered(3, peer.body('SEND', ack(1))));
    const { kind, number, payload } = await nextAnswer(socket);
    expect([kind, number, payload.readUInt16BE(0)]).toEqual([2, 3, 409]);
    expect(JSON.parse(payload.subarray(2).toString()).error.code).toBe('ACKNOWLEDGEMENT');
    socket.send(numbered(4, peer.body('TAKE', ack(0), data(0, hello))));
    expect(bytesOf(recordsOf(await nextAnswer(socket)))).toEqual(echoed);
  });

  it('with a wrong key is refused, and ends its WebSocket, but not the session', async () => {
    const { port } = await serveEcho();
    const { peer, socket } = await openBoth(port);
    const head = { type: 'HEAD', version: 1, mode: 'SEND', number: 0, knownLimit: 0, key: new Uint8Array(16) } as const;
    const closed = closeOf(socket);
    socket.send(numbered(1, new BodyWriter().add(head).add(done).bytes()));
    expect((await nextAnswer(socket)).kind).toBe(2);
    expect((await closed).code).toBe(1008);
    expect(bytesOf(await peer.ask('TAKE', ack(0), data(0, hello)))).toEqual(echoed);
  });

  it.each<[string, string | Buffer, number]>([
    ['text', 'text', 1003],
    ['too short for a number', Buffer.alloc(3), 1003],
    ['larger than a body may be', Buffer.alloc(300_000), 1009],
  ])('that is %s ends its WebSocket', async (_, message, code) => {
    const { port } = await serveEcho();
    const { socket } = await openBoth(port);
    const closed = closeOf(socket);
    socket.send(message);
    expect((await closed).code).toBe(code);
  });
});

describe('a WebSocket for requests', () => {
  const statusOf = async (url: string, options = {}) => {
    const error: Error = await open(url, subprotocols, options).then(
      () => new Error('It is open'),
      (reason) => reason,
    );
    return error.message;
  };

  it('is refused without a session, from another origin, and beyond two at a time', async () => {
    const { port } = await serveEcho({ origin: ['https://app.example', 'https://other.example'] });
    const { url, peer, socket } = await openBoth(port, 'https://app.example');
    expect(await statusOf(url.replace(/=\w+/, `=${'0'.repeat(32)}`))).toContain('404');
    expect(await statusOf(url, { origin: 'https://other.example' })).toContain('403');
    expect(await statusOf(url)).toContain('403');
    for (const each of [socket, await open(url, subprotocols, { origin: 'https://app.example' })]) {
      each.send(numbered(1, peer.body('SEND')));
      await nextAnswer(each);
    }
    expect(await statusOf(url, { origin: 'https://app.example' })).toContain('429');
  });

  it("is nobody else's business: who watches learns of the tunnel, and of what was refused", async () => {
    const events: unknown[][] = [];
    for (const name of ['open', 'message', 'close', 'refused']) {
      const listener = (event: unknown) => {
        const { endpoint, socket, status } = event as Partial<OpenEvent & RefusedEvent>;
        events.push([name, endpoint, socket ?? status]);
      };
      diagnostics.subscribe(`tidewire:server:${name}`, listener);
      onTestFinished(() => void diagnostics.unsubscribe(`tidewire:server:${name}`, listener));
    }
    const { port, endpoint } = await serveEcho();
    const { peer, socket, url } = await openBoth(port);
    const [tunnel] = endpoint.sockets;
    socket.send(numbered(1, peer.body('TAKE', ack(0), data(0, hello))));
    await nextAnswer(socket);
    await statusOf(url.replace(/=\w+/, '=0'));
    const closed = once(socket, 'close');
    tunnel?.terminate();
    await closed;
    // What closes late was of another test.
    expect(events.filter(([name, of]) => name !== 'close' || of === endpoint)).toEqual([
      ['open', endpoint, tunnel],
      ['message', endpoint, tunnel],
      ['refused', endpoint, 404],
      ['close', endpoint, tunnel],
    ]);
  });

  it('is none of the sockets of the endpoint, and ends with its session', async () => {
    const { port, endpoint } = await serveEcho();
    const { socket } = await openBoth(port);
    expect(endpoint.sockets.size).toBe(1);
    const closed = once(socket, 'close');
    for (const peer of endpoint.sockets) peer.terminate();
    await closed;
    await until(() => endpoint.sockets.size === 0);
  });
});
