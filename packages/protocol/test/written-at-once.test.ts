import { nodePlatform } from '@tidewire/node';
import { type DeflateAgreement, PreparedBatch, PreparedMessage } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { Endpoint, exchange } from './support.ts';

// Messages for many connections that are handed to the pipe in the call, and not by `flush`.

const takeover: DeflateAgreement = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const noTakeover: DeflateAgreement = { ...takeover, serverNoContextTakeover: true, clientNoContextTakeover: true };
const text = 'wave after wave '.repeat(10);

describe.each([
  ['without compression', undefined],
  ['compressed with a context of its own', takeover],
  ['compressed alike for all', noTakeover],
])('a message for many that is written at once, %s', (_, deflate) => {
  const options = { compressionThreshold: 100, ...(deflate && { deflate }) };
  const batch = () => new PreparedBatch([new PreparedMessage(text, nodePlatform)], nodePlatform);

  it('is with the pipe when the call returns', () => {
    const message = batch();
    for (const role of ['server', 'server', 'client'] as const) {
      const [sender, receiver] = [
        new Endpoint(role, options),
        new Endpoint(role === 'server' ? 'client' : 'server', options),
      ];
      expect(sender.connection.sendPrepared(message, {}, true)).toBe('written');
      expect(sender.connection.sendPrepared(message, { compress: false }, true)).toBe('written');
      expect(sender.writes).toBe(2);
      exchange(sender, receiver);
      expect(receiver.messages).toEqual([text, text]);
    }
  });

  it('comes behind what waits', () => {
    const [server, client] = [new Endpoint('server', options), new Endpoint('client', options)];
    server.connection.send('before');
    server.connection.sendPrepared(batch(), {}, true);
    server.connection.send('after');
    exchange(server, client);
    expect(client.messages).toEqual(['before', text, 'after']);
  });

  it('waits for the end of a message that is being sent in fragments', () => {
    const [server, client] = [new Endpoint('server', options), new Endpoint('client', options)];
    const writer = server.connection.startMessage('text');
    writer.write('one ');
    server.connection.sendPrepared(batch(), {}, true);
    writer.end('message');
    exchange(server, client);
    expect(client.messages).toEqual(['one message', text]);
  });
});

it('is the same bytes for every connection', () => {
  const message = new PreparedBatch([new PreparedMessage(text, nodePlatform)], nodePlatform);
  for (const deflate of [undefined, noTakeover]) {
    const servers = [1, 2, 3].map(() => new Endpoint('server', { ...(deflate && { deflate }) }));
    for (const { connection } of servers) connection.sendPrepared(message, {}, true);
    const [first, ...others] = servers.map(({ written }) => written[0]);
    for (const other of others) expect(other).toBe(first);
  }
});
