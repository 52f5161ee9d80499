import { createClient } from 'graphql-ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import { graphqlEndpoint } from './support/graphql-server.ts';
import { serve, signal, tunnels, webSocketOver } from './support/serving.ts';

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}

describe.each(tunnels)('graphql-ws over a tunnel: %s', (transport) => {
  it('queries, subscribes, and closes as it says', async () => {
    const closed = signal<number>();
    const url = await serve(graphqlEndpoint(closed.happen));
    const { TunnelSocket, made } = webSocketOver(transport);
    const client = createClient({ url, webSocketImpl: TunnelSocket, lazy: false, retryAttempts: 0 });
    onTestFinished(() => client.dispose());

    const [greeting] = await all(client.iterate({ query: '{ hello(name: "Ann") }' }));
    expect(greeting?.data).toEqual({ hello: 'Hello Ann 🌊' });
    const counts = await all(client.iterate({ query: 'subscription { count(to: 500) }' }));
    expect(counts.map(({ data }) => data)).toEqual(Array.from({ length: 500 }, (_, i) => ({ count: i + 1 })));
    const wrong = all(client.iterate({ query: '{ nothing }' }));
    await expect(wrong).rejects.toMatchObject([{ message: expect.stringContaining('nothing') }]);

    expect(made.map((socket) => [socket.transport, socket.protocol])).toEqual([[transport, 'graphql-transport-ws']]);
    await client.dispose();
    expect(await closed.happened).toBe(1000);
  });
});
