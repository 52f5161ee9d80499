import { once } from 'node:events';
import { createServer } from 'node:http';
import { type Hub, MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { createServerApi } from 'tidewire';
import { onTestFinished } from 'vitest';
import { startHub } from '../../../hub/test/support/visiting.ts';
import { type Ask, askBy } from '../../src/operate/ask.ts';

export const KEY = 'a-key-of-16-or-more';

/** Two nodes, the server API of the first, and who asks it as a page does. */
export async function serve(
  operations?: readonly string[],
): Promise<{ one: Hub; other: Hub; ask: Ask; outs: number[] }> {
  const network = new MemoryNetwork();
  const namespaces = {
    chat: { subscribe: 'everyone', history: { size: 50, ttl: 60_000 }, presence: true },
    news: { subscribe: 'everyone' },
  } as const;
  const one = await startHub({ namespaces, engine: new MemoryEngine({ network }), name: 'one' });
  const other = await startHub({ namespaces, engine: new MemoryEngine({ network }), name: 'other' });
  const api = createServerApi(one, { keys: [{ name: 'ops', key: KEY, operations }] });
  const server = createServer((request, response) => void api.handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const outs: number[] = [];
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const ask = askBy(
    (path, body) => fetch(base + path, { method: 'POST', headers, body }),
    () => outs.push(401),
  );
  return { one, other, ask, outs };
}
