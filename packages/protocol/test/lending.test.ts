import { nodePlatform } from '@tidewire/node';
import { ConnectionSettings, type DeflateAgreement } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { BINARY, CONTINUATION, Endpoint, exchange, frame, PING, TEXT } from './support.ts';

// Connections of one endpoint use the same readers and writers in turn: nothing of one may show in another.

const settings = () => new ConnectionSettings({ role: 'server', platform: nodePlatform });

function servers(count: number): Endpoint[] {
  const shared = settings();
  return Array.from({ length: count }, () => new Endpoint('server', { settings: shared }));
}

describe('connections of one endpoint', () => {
  it('keep apart messages that come to all of them byte by byte', () => {
    const all = servers(5);
    const streams = all.map((_, i) =>
      Buffer.concat([
        frame(TEXT, `é${i}`.repeat(i * 40 + 1)),
        frame(BINARY, Buffer.from([i, i, i]), { fin: false }),
        frame(PING, `ping ${i}`),
        frame(CONTINUATION, Buffer.from([i])),
        frame(TEXT, ''),
      ]),
    );
    const longest = Math.max(...streams.map(({ length }) => length));
    for (let at = 0; at < longest; at++) {
      for (const [i, server] of all.entries()) {
        const byte = streams[i]?.subarray(at, at + 1);
        if (byte !== undefined && byte.length > 0) server.connection.receive(byte);
      }
    }
    for (const [i, server] of all.entries()) {
      expect(server.messages).toEqual([`é${i}`.repeat(i * 40 + 1), Buffer.from([i, i, i, i]), '']);
      expect(server.pings.map((payload) => Buffer.from(payload).toString())).toEqual([`ping ${i}`]);
      expect(server.takeOutput()).toEqual([0x8a, 6, ...Buffer.from(`ping ${i}`)]);
    }
  });

  it('keep apart what many of them send in one turn', () => {
    const all = servers(100);
    for (let round = 0; round < 3; round++) {
      for (const [i, server] of all.entries()) server.connection.send(`${round} ${i}`);
      for (const [i, server] of all.entries()) {
        const text = `${round} ${i}`;
        expect(server.connection.bufferedAmount).toBe(2 + text.length);
        expect(server.takeOutput()).toEqual([0x81, text.length, ...Buffer.from(text)]);
        expect(server.connection.bufferedAmount).toBe(0);
      }
    }
  });

  it('can be read from while another one of them delivers a message', () => {
    const [outer, inner] = servers(2) as [Endpoint, Endpoint];
    outer.onMessage = (message) => inner.receive(frame(TEXT, `inner ${message}`));
    outer.receive(frame(TEXT, 'one'), frame(TEXT, 'two'));
    expect(outer.messages).toEqual(['one', 'two']);
    expect(inner.messages).toEqual(['inner one', 'inner two']);
  });

  it('have each their own compression, or none', () => {
    const agreement: DeflateAgreement = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    };
    const shared = settings();
    const deflating = new Endpoint('server', { settings: shared, deflate: agreement });
    const plain = new Endpoint('server', { settings: shared });
    const long = 'abc'.repeat(1000);
    for (const server of [deflating, plain]) server.connection.send(long);
    const compressed = deflating.takeOutput();
    expect(compressed[0]).toBe(0xc1);
    expect(plain.takeOutput().length).toBe(4 + long.length);
    const payload = Buffer.from(compressed.slice(2));
    for (const server of [deflating, plain]) server.receive(frame(TEXT, payload, { rsv: 4 }));
    expect(deflating.messages).toEqual([long]);
    expect(plain.close ?? plain.connection.state).toBe('FAILED');
    deflating.receive(frame(TEXT, 'plain'));
    expect(deflating.messages).toEqual([long, 'plain']);
  });

  it('leave nothing of a broken one to the next', () => {
    const [broken, next] = servers(2) as [Endpoint, Endpoint];
    broken.receive(frame(TEXT, 'half', { fin: false }), frame(TEXT, 'not a continuation'));
    expect(broken.connection.state).toBe('FAILED');
    next.receive(frame(TEXT, 'whole'));
    expect(next.messages).toEqual(['whole']);
  });
});

describe('a connection', () => {
  it('whose pipe breaks while it is written to has nothing left to send', () => {
    const server = new Endpoint('server');
    server.connection.send('one');
    server.write = () => server.connection.gone();
    server.connection.flush();
    expect(server.close).toMatchObject({ code: 1006 });
    expect(server.connection.bufferedAmount).toBe(0);
  });

  it('that was begun a message on has nothing to send yet', () => {
    const server = new Endpoint('server');
    const writer = server.connection.startMessage('text');
    expect(server.takeOutput()).toEqual([]);
    expect(server.writes).toBe(0);
    writer.end('x');
    expect(server.takeOutput()).toEqual([0x81, 1, 0x78]);
  });

  it('that was paused, and begun a message on, before it was open is compressed like any other', () => {
    const deflate = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    };
    const server = new Endpoint('server', { stayConnecting: true, compressionThreshold: 0 });
    const client = new Endpoint('client', { deflate, compressionThreshold: 0 });
    const text = 'low tide '.repeat(20);
    server.connection.pause();
    const writer = server.connection.startMessage('text');
    server.connection.open(deflate);
    writer.end();
    server.connection.send(text);
    expect(server.connection.bufferedAmount).toBeLessThan(text.length);
    client.connection.send(text);
    exchange(server, client);
    server.connection.resume();
    expect(server.messages).toEqual([text]);
    expect(client.messages).toEqual(['', text]);
  });

  it('that takes nothing more cannot be paused', () => {
    const server = new Endpoint('server');
    server.connection.gone();
    server.connection.pause();
    expect(server.connection.isPaused).toBe(false);
    server.receive(frame(TEXT, 'late'));
    expect(server.messages).toEqual([]);
  });
});
