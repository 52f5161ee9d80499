import { nodePlatform } from '@tidewire/node';
import { ConnectionSettings } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { BINARY, CONTINUATION, Endpoint, exchange, frame, PING, PONG, TEXT } from './support.ts';

const bytes = (text: string) => [...Buffer.from(text)];
const text = (payload: Uint8Array) => Buffer.from(payload).toString();

describe('receiving', () => {
  it('delivers the masked text message of RFC 6455, 5.7', () => {
    const server = new Endpoint('server');
    server.receive(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58);
    expect(server.messages).toEqual(['Hello']);
  });

  it('delivers the unmasked text message of RFC 6455, 5.7', () => {
    const client = new Endpoint('client');
    client.receive(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f);
    expect(client.messages).toEqual(['Hello']);
  });

  it.each([0, 1, 125, 126, 127, 128, 65535, 65536, 200_000])(
    'delivers binary messages of %i bytes in each length form',
    (size) => {
      const payload = Buffer.alloc(size, 'tidewire');
      const server = new Endpoint('server');
      const client = new Endpoint('client');
      server.receive(frame(BINARY, payload));
      client.receive(frame(BINARY, payload, { masked: false }));
      expect(Buffer.compare(Buffer.from(server.messages[0] as Uint8Array), payload)).toBe(0);
      expect(Buffer.compare(Buffer.from(client.messages[0] as Uint8Array), payload)).toBe(0);
    },
  );

  it('joins the fragments of a message, with control frames between them', () => {
    const server = new Endpoint('server');
    server.receive(frame(TEXT, 'one ', { fin: false }));
    server.receive(frame(PING, 'p'));
    server.receive(frame(CONTINUATION, '', { fin: false }), frame(PONG, 'q'), frame(CONTINUATION, 'two'));
    expect(server.messages).toEqual(['one two']);
    expect(server.pings.map(text)).toEqual(['p']);
    expect(server.pongs.map(text)).toEqual(['q']);
    expect(server.takeOutput()).toEqual([0x8a, 1, ...bytes('p')]);
  });

  it('delivers a message whose first fragments are empty', () => {
    const server = new Endpoint('server');
    server.receive(
      frame(BINARY, '', { fin: false }),
      frame(CONTINUATION, 'x'),
      frame(TEXT, '', { fin: false }),
      frame(CONTINUATION),
    );
    expect(server.messages.map(String)).toEqual(['x', '']);
  });

  it('delivers the same whatever the network cuts', () => {
    const stream = Buffer.concat([
      frame(TEXT, 'Hellö', { fin: false }),
      frame(PING, 'ping'),
      frame(CONTINUATION, ' wörld'),
      frame(BINARY, Buffer.alloc(70_000, 7)),
      frame(BINARY, Buffer.alloc(300, 8)),
    ]);
    for (const size of [1, 2, 3, 5, 7, 13, 64, 1000]) {
      const server = new Endpoint('server');
      for (let at = 0; at < stream.length; at += size)
        server.connection.receive(Buffer.from(stream.subarray(at, at + size)));
      expect(server.messages[0]).toBe('Hellö wörld');
      expect(server.messages.slice(1).map((message) => message.length)).toEqual([70_000, 300]);
      expect(server.pings).toHaveLength(1);
    }
  });

  it('delivers all messages of a chunk and writes all answers at once', () => {
    const server = new Endpoint('server');
    server.onMessage = (data) => server.connection.send(data);
    server.receive(...Array.from({ length: 100 }, (_, i) => frame(TEXT, `message ${i}`)));
    expect(server.messages).toHaveLength(100);
    expect(server.writes).toBe(1);
    expect(server.flushRequests).toBe(0);
  });

  it('keeps nothing of the chunk: what was delivered does not change with it', () => {
    const server = new Endpoint('server');
    const chunk = frame(BINARY, 'keep me');
    server.connection.receive(chunk);
    chunk.fill(0);
    expect(String(server.messages[0])).toBe('keep me');
  });

  it('gives a message that came in pieces no more memory than it needs', () => {
    const server = new Endpoint('server');
    const payload = Buffer.alloc(150_000, 1);
    server.receive(frame(BINARY, payload.subarray(0, 10), { fin: false }));
    server.receive(frame(CONTINUATION, payload.subarray(10, 100_000), { fin: false }));
    server.receive(frame(CONTINUATION, payload.subarray(100_000)));
    expect(server.messages[0]?.length).toBe(150_000);
    expect((server.messages[0] as Uint8Array).buffer.byteLength).toBe(150_000);
  });

  it('joins a great many tiny fragments in time that grows with their bytes', () => {
    const server = new Endpoint('server');
    const payload = Buffer.alloc(100_000, 'abc');
    for (let at = 0; at < payload.length; at++) {
      server.receive(
        frame(at === 0 ? BINARY : CONTINUATION, payload.subarray(at, at + 1), { fin: at === payload.length - 1 }),
      );
    }
    expect(Buffer.compare(Buffer.from(server.messages[0] as Uint8Array), payload)).toBe(0);
    expect((server.messages[0] as Uint8Array).buffer.byteLength).toBe(100_000);
  });

  it('takes what comes while it is delivering after what it is delivering', () => {
    const server = new Endpoint('server');
    let nested = false;
    server.onMessage = () => {
      if (nested) return;
      nested = true;
      server.receive(frame(TEXT, 'three'));
    };
    server.receive(frame(TEXT, 'one'), frame(TEXT, 'two'));
    expect(server.messages).toEqual(['one', 'two', 'three']);
  });
});

describe('pausing', () => {
  it('stops within a chunk and goes on where it stopped', () => {
    const server = new Endpoint('server');
    server.onMessage = () => server.connection.pause();
    server.receive(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(PING));
    expect(server.messages).toEqual(['one']);
    expect(server.connection.isPaused).toBe(true);
    server.receive(frame(TEXT, 'three'));
    server.connection.resume();
    expect(server.messages).toEqual(['one', 'two']);
    server.connection.resume();
    expect(server.messages).toEqual(['one', 'two', 'three']);
    expect(server.takeOutput()).toEqual([0x8a, 0]);
    server.connection.resume();
    server.connection.resume();
    expect(server.connection.isPaused).toBe(false);
  });

  it('keeps the order when more comes while it is delivering and then pauses', () => {
    const server = new Endpoint('server');
    server.onMessage = (data) => {
      if (data !== 'one') return;
      server.receive(frame(TEXT, 'three'));
      server.connection.pause();
    };
    server.receive(frame(TEXT, 'one'), frame(TEXT, 'two'));
    expect(server.messages).toEqual(['one']);
    server.connection.resume();
    expect(server.messages).toEqual(['one', 'two', 'three']);
  });

  it('can be undone while a message is being delivered', () => {
    const server = new Endpoint('server');
    server.onMessage = () => {
      server.connection.pause();
      server.connection.resume();
    };
    server.receive(frame(TEXT, 'one'), frame(TEXT, 'two'));
    expect(server.messages).toEqual(['one', 'two']);
  });

  it('holds back the end of the stream until what came before it is delivered', () => {
    const server = new Endpoint('server');
    server.onMessage = () => server.connection.pause();
    server.receive(frame(TEXT, 'one'), frame(TEXT, 'two'));
    server.connection.ended();
    expect(server.connection.state).toBe('OPEN');
    server.connection.resume();
    expect(server.messages).toEqual(['one', 'two']);
    expect(server.connection.state).toBe('FAILED');
    expect(server.hasEnded).toBe(true);
  });

  it.each<[string, (server: Endpoint) => void]>([
    ['resumes', ({ connection }) => connection.resume()],
    ['pauses and resumes', ({ connection }) => [connection.pause(), connection.resume()]],
    ['is told of it', ({ connection }) => connection.ended()],
  ])('holds it back until the rest of what it is delivering was delivered, though the handler %s', (_, act) => {
    const server = new Endpoint('server');
    server.connection.pause();
    server.receive(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(TEXT, 'three'));
    server.connection.ended();
    server.onMessage = () => act(server);
    server.connection.resume();
    expect(server.messages).toEqual(['one', 'two', 'three']);
    expect(server.connection.state).toBe('FAILED');
  });
});

describe('sending', () => {
  it('writes text and binary as the shortest frames', () => {
    const server = new Endpoint('server');
    expect(server.connection.send('Hi')).toBe('written');
    expect(server.connection.send(Uint8Array.of(1, 2, 3))).toBe('written');
    expect(server.takeOutput()).toEqual([0x81, 2, 0x48, 0x69, 0x82, 3, 1, 2, 3]);
  });

  it.each([0, 41, 42, 125, 126, 16_384, 65535, 65536, 70_000])(
    'is read back by the other side: %i characters',
    (size) => {
      const server = new Endpoint('server');
      const client = new Endpoint('client');
      const text = 'a'.repeat(size);
      server.connection.send(text);
      server.connection.send(Buffer.from(text));
      client.connection.send(text);
      client.connection.send(Buffer.from(text));
      exchange(server, client);
      for (const side of [server, client]) expect(side.messages.map(String)).toEqual([text, text]);
    },
  );

  it('replaces lone surrogates', () => {
    const server = new Endpoint('server');
    server.connection.send('\ud800x');
    expect(server.takeOutput()).toEqual([0x81, 4, 0xef, 0xbf, 0xbd, 0x78]);
  });

  it('masks every frame of a client with a key of its own', () => {
    const client = new Endpoint('client');
    const keys = new Set<string>();
    for (let i = 0; i < 3000; i++) client.connection.send(Uint8Array.of(0, 0, 0, 0));
    const output = client.takeOutput();
    for (let at = 0; at < output.length; at += 10) {
      expect(output.slice(at, at + 2)).toEqual([0x82, 0x84]);
      expect(output.slice(at + 2, at + 6)).toEqual(output.slice(at + 6, at + 10));
      keys.add(output.slice(at + 2, at + 6).join());
    }
    expect(keys.size).toBe(3000);
  });

  it('asks for one flush for all that is sent in a turn', () => {
    const server = new Endpoint('server');
    for (let i = 0; i < 50; i++) server.connection.send(`message ${i}`);
    expect(server.flushRequests).toBe(1);
    expect(server.writes).toBe(0);
    server.connection.flush();
    expect(server.writes).toBe(1);
    server.connection.flush();
    expect(server.writes).toBe(1);
    server.connection.send('again');
    expect(server.flushRequests).toBe(2);
  });

  it('keeps large and small messages in order and does not copy large ones', () => {
    const server = new Endpoint('server');
    const client = new Endpoint('client');
    const large = Buffer.alloc(100_000, 'L');
    for (const data of ['one', large, 'two', Buffer.alloc(40_000, 'm'), Buffer.alloc(40_000, 'n')])
      server.connection.send(data);
    expect(server.connection.bufferedAmount).toBe(2 + 3 + 10 + 100_000 + 2 + 3 + 2 * (4 + 40_000));
    server.connection.flush();
    expect(server.written).toContain(large);
    expect(server.writes).toBe(1);
    exchange(server, client);
    expect(client.messages.map((message) => message.length)).toEqual([3, 100_000, 3, 40_000, 40_000]);
    expect(client.messages.map((message) => String(message).charAt(0)).join('')).toBe('oLtmn');
  });

  it('sends pings and pongs', () => {
    const server = new Endpoint('server');
    const client = new Endpoint('client');
    server.connection.ping('are you there?');
    server.connection.ping();
    client.connection.pong(Uint8Array.of(1));
    exchange(server, client);
    expect(client.pings.map(text)).toEqual(['are you there?', '']);
    expect(server.pongs.map(text)).toEqual(['\u0001', 'are you there?', '']);
  });

  it.each([[42], [null], [undefined], [{}], [[1]], [new Float32Array(2)], [Object.create(null)]])(
    'throws for data that is neither text nor bytes: %o',
    (data) => {
      const { connection } = new Endpoint('server');
      expect(() => connection.send(data)).toThrow(TypeError);
      if (data !== undefined) {
        expect(() => connection.ping(data)).toThrow(/payload must be a string or a Uint8Array, not /);
      }
      expect(connection.bufferedAmount).toBe(0);
    },
  );

  it('throws for a ping of more than 125 bytes', () => {
    const { connection } = new Endpoint('server');
    expect(() => connection.ping('ü'.repeat(63))).toThrow(RangeError);
    expect(() => connection.pong(new Uint8Array(126))).toThrow(RangeError);
    expect(connection.ping(new Uint8Array(125))).toBe('written');
  });
});

describe('connections that send in the same turn', () => {
  const settings = new ConnectionSettings({ role: 'server', platform: nodePlatform });

  it('do not mix what they send, whoever is flushed first', () => {
    const servers = Array.from({ length: 3 }, () => new Endpoint('server', { settings }));
    const expected = servers.map(() => [] as number[]);
    for (let round = 0; round < 100; round++) {
      for (const [i, server] of servers.entries()) {
        const text = `${i}: ${'x'.repeat(round)}`;
        server.connection.send(text);
        expected[i]?.push(0x81, text.length, ...bytes(text));
      }
    }
    for (const i of [1, 0, 2]) expect(servers[i]?.takeOutput()).toEqual(expected[i]);
  });

  it('own what they have handed over', () => {
    const [one, two] = [new Endpoint('server', { settings }), new Endpoint('server', { settings })];
    one.connection.send('one');
    one.connection.flush();
    two.connection.send('two');
    two.connection.flush();
    expect(one.takeOutput()).toEqual([0x81, 3, ...bytes('one')]);
    expect(two.takeOutput()).toEqual([0x81, 3, ...bytes('two')]);
  });

  it('are not disturbed by one that is gone with its output', () => {
    const [gone, stays] = [new Endpoint('server', { settings }), new Endpoint('server', { settings })];
    gone.connection.send('never sent');
    gone.connection.gone();
    expect(gone.connection.bufferedAmount).toBe(0);
    stays.connection.send('sent');
    expect(stays.takeOutput()).toEqual([0x81, 4, ...bytes('sent')]);
  });
});

describe('a message in fragments', () => {
  it('goes out as it is produced, others wait for its end, and pings pass', () => {
    const server = new Endpoint('server');
    const client = new Endpoint('client');
    const writer = server.connection.startMessage('text');
    expect(writer.write('one')).toBe('buffered');
    expect(server.takeOutput()).toEqual([0x01, 3, ...bytes('one')]);
    expect(server.connection.send('another')).toBe('buffered');
    expect(server.connection.bufferedAmount).toBe(9);
    server.connection.ping();
    writer.write('');
    expect(server.takeOutput()).toEqual([0x89, 0]);
    server.connection.send(Buffer.alloc(70_000));
    writer.end('two');
    expect(server.takeOutput().slice(0, 14)).toEqual([0x80, 3, ...bytes('two'), 0x81, 7, ...bytes('another')]);
    const binary = server.connection.startMessage('binary');
    binary.write(Uint8Array.of(1, 2));
    binary.end();
    exchange(server, client);
    expect(client.messages).toEqual([Buffer.from([1, 2])]);
  });

  it('joins characters that are cut between chunks', () => {
    const server = new Endpoint('server');
    const client = new Endpoint('client');
    const writer = server.connection.startMessage('text');
    writer.write('a\ud83c');
    writer.write('\udf0a');
    writer.write('\ud83c');
    writer.end();
    exchange(server, client);
    expect(client.messages).toEqual(['a🌊\ufffd']);
  });

  it('may be written again after it was refused', () => {
    const server = new Endpoint('server', { limits: { maxBufferedAmount: 10 } });
    const writer = server.connection.startMessage('text');
    writer.write('x\ud83c');
    server.bufferedAmount = 11;
    expect(writer.write('\udf0a')).toBe('refused');
    expect(writer.end()).toBe('refused');
    server.bufferedAmount = 0;
    writer.end('\udf0a');
    expect(server.takeOutput()).toEqual([0x01, 1, 0x78, 0x80, 4, ...bytes('🌊')]);
  });

  it('throws for the wrong kind of chunk, for a second one at a time, and after its end', () => {
    const { connection } = new Endpoint('server');
    // @ts-expect-error what the types forbid
    expect(() => connection.startMessage('blob')).toThrow(TypeError);
    const writer = connection.startMessage('text');
    expect(() => writer.write(Uint8Array.of(1))).toThrow(/must be a string, not Uint8Array/);
    expect(() => connection.startMessage('text')).toThrow(/has not ended/);
    writer.end();
    expect(() => writer.write('more')).toThrow(/has ended/);
    expect(() => connection.startMessage('binary').end('text')).toThrow(/must be a Uint8Array, not string/);
  });

  it('ends with the connection', () => {
    const { connection } = new Endpoint('server');
    const writer = connection.startMessage('text');
    connection.close();
    expect(writer.write('late')).toBe('closed');
  });
});
