import { once } from 'node:events';
import {
  graphqlCloseMeaning,
  graphqlOperation,
  graphqlTransportWsDecoder,
  graphqlWsDecoder,
  type MessageData,
  readGraphql,
  writeGraphql,
} from '@tidewire/codecs';
import fc from 'fast-check';
// By the file: graphql is there twice, and graphql-ws takes this one from Node, where Vite would take the other.
import { buildSchema } from 'graphql/index.js';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { anyJson, anyText, parameters } from './support/arbitrary.ts';

describe('GraphQL over WebSocket', () => {
  it(`reads what it has written (SEED=${parameters.seed})`, () => {
    const id = anyText.filter((text) => text !== '');
    const packet = fc.oneof(
      fc.record({ type: fc.constantFrom('connection_init', 'connection_ack', 'ping', 'pong'), payload: anyJson }),
      fc.record({ type: fc.constant('subscribe'), id, payload: fc.record({ query: anyText }) }),
      fc.record({ type: fc.constant('next'), id, payload: fc.record({ data: anyJson }) }),
      fc.record({ type: fc.constant('error'), id, payload: fc.array(anyJson) }),
      fc.record({ type: fc.constant('complete'), id }),
    );
    fc.assert(
      fc.property(packet, (each) => {
        expect(readGraphql(writeGraphql(each, 'graphql-transport-ws'), 'graphql-transport-ws')).toEqual({
          value: each,
        });
      }),
      parameters,
    );
  });

  it.each([
    ['', 'no JSON'],
    ['{}', 'no type'],
    ['{"type":"start","id":"1"}', 'has no type "start"'],
    ['{"type":"subscribe","payload":{"query":""}}', 'without an id'],
    ['{"type":"subscribe","id":"1","payload":{}}', 'without a query'],
    ['{"type":"next","id":"1"}', 'no object'],
    ['{"type":"error","id":"1","payload":{}}', 'no array'],
  ])('says what is wrong with %s', (text, problem) => {
    expect(readGraphql(text, 'graphql-transport-ws').problem).toContain(problem);
  });

  it('refuses to write what would be refused', () => {
    expect(() => writeGraphql({ type: 'ka' }, 'graphql-transport-ws')).toThrow('type');
    expect(() => writeGraphql({ type: 'next' }, 'graphql-transport-ws')).toThrow('id');
  });

  it('reads the older subprotocol, too', () => {
    const decoder = graphqlWsDecoder.create();
    const start = '{"type":"start","id":"1","payload":{"query":"subscription Moves { moved }"}}';
    expect(decoder.decode(start, 'toServer')).toMatchObject([
      { kind: 'start', about: 'Moves', fields: [['operation', 'subscription']] },
    ]);
    expect(decoder.decode('{"type":"data","id":"1","payload":{"data":1}}', 'toClient')).toMatchObject([
      { about: 'Moves' },
    ]);
    expect(decoder.decode('{"type":"ka"}', 'toClient')).toMatchObject([{ kind: 'ka' }]);
    expect(decoder.decode('{"type":"next"}', 'toClient')).toMatchObject([
      { kind: 'next', problem: expect.any(String) },
    ]);
    expect(decoder.decode('{"a":1}', 'toClient')).toBeUndefined();
  });

  it('finds the name of an operation without parsing it, in linear time', () => {
    expect(graphqlOperation({ query: '# first\n query A { a }' })).toEqual({ type: 'query', name: 'A' });
    expect(graphqlOperation({ query: '{ a }' })).toEqual({ type: 'query' });
    expect(graphqlOperation({ query: 'mutation { a }', operationName: 'B' })).toEqual({ type: 'mutation', name: 'B' });
    const before = performance.now();
    graphqlOperation({ query: '# \n'.repeat(3000) });
    graphqlOperation({ query: ' '.repeat(10_000) });
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('says what close codes mean', () => {
    expect(graphqlCloseMeaning(4429)).toBe('more than one connection_init');
    expect(graphqlCloseMeaning(1000)).toBeUndefined();
  });

  it('understands graphql-ws in both directions', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const served = useServer(
      { schema: buildSchema('type Query { hello: String }'), roots: { query: { hello: () => 'world' } } },
      server,
    );
    const decoder = graphqlTransportWsDecoder.create();
    const seen: string[] = [];
    const see = (data: MessageData, direction: 'toServer' | 'toClient') => {
      for (const { kind, about = '', problem = '' } of decoder.decode(data, direction) ?? [{ kind: '?', fields: [] }])
        seen.push(`${kind} ${about}${problem}`.trim());
    };
    class Seen extends WebSocket {
      constructor(url: string, subprotocol: string) {
        super(url, subprotocol);
        this.on('message', (data) => see(String(data), 'toClient'));
      }
      override send(data: string): void {
        see(data, 'toServer');
        super.send(data);
      }
    }
    const address = server.address();
    if (typeof address === 'string' || address === null) throw new Error('no port');
    const client = createClient({ url: `ws://127.0.0.1:${address.port}`, webSocketImpl: Seen });
    const results = [];
    for await (const result of client.iterate({ query: 'query Greeting { hello }' })) results.push(result.data);
    expect(results).toEqual([{ hello: 'world' }]);
    expect(seen).toEqual([
      'connection_init',
      'connection_ack',
      'subscribe Greeting',
      'next Greeting',
      'complete Greeting',
    ]);
    await client.dispose();
    await served.dispose();
  });
});
