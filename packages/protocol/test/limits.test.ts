import {
  ConnectionSettings,
  defaultLimits,
  PreparedBatch,
  PreparedMessage,
  portablePlatform,
  resolveLimits,
} from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { BINARY, CONTINUATION, Endpoint, frame, PING, PONG, TEXT } from './support.ts';

describe('limits', () => {
  it('have defaults, each of which can be replaced or switched off', () => {
    expect(resolveLimits()).toEqual(defaultLimits);
    expect(resolveLimits({ maxFragments: 7, maxMessageSize: Number.POSITIVE_INFINITY })).toEqual({
      ...defaultLimits,
      maxFragments: 7,
      maxMessageSize: Number.POSITIVE_INFINITY,
    });
  });

  it.each([0, -1, 1.5, Number.NaN, '10', null])('are named when they make no sense: %o', (value) => {
    // @ts-expect-error some of these the types forbid
    expect(() => resolveLimits({ maxFrameSize: value })).toThrow(
      /^maxFrameSize must be a positive integer or Infinity, not /,
    );
  });

  it('count fragments per message: a million messages pass', () => {
    const server = new Endpoint('server', { limits: { maxFragments: 3 } });
    const message = Buffer.concat([
      frame(BINARY, '', { fin: false }),
      frame(CONTINUATION, '', { fin: false }),
      frame(CONTINUATION),
    ]);
    const batch = Buffer.concat(Array.from({ length: 1000 }, () => message));
    for (let i = 0; i < 1000; i++) {
      server.connection.receive(Buffer.from(batch));
      server.messages.length = 0;
    }
    expect(server.connection.state).toBe('OPEN');
  });

  it('stop a million empty fragments', () => {
    const server = new Endpoint('server');
    server.receive(frame(BINARY, '', { fin: false }));
    const batch = Buffer.concat(Array.from({ length: 10_000 }, () => frame(CONTINUATION, '', { fin: false })));
    let batches = 0;
    for (; batches < 100 && server.connection.state === 'OPEN'; batches++)
      server.connection.receive(Buffer.from(batch));
    expect(batches).toBe(14);
    server.connection.gone();
    expect(server.close?.error?.code).toBe('TOO_MANY_FRAGMENTS');
  });

  it('end where strings do, whatever was allowed: text that no string can hold is too big', () => {
    const platform = { ...portablePlatform, maxTextLength: 10 };
    const text = frame(TEXT, 'x'.repeat(11));
    for (const input of [[text], [text.subarray(0, 9), text.subarray(9)]]) {
      const server = new Endpoint('server', { platform, limits: { maxMessageSize: Number.POSITIVE_INFINITY } });
      for (const chunk of input) server.receive(chunk);
      server.connection.gone();
      expect(server.close).toMatchObject({ code: 1009, error: { code: 'MESSAGE_TOO_BIG' } });
    }
  });

  it('allow as many control frames in the next second', () => {
    const server = new Endpoint('server', { limits: { maxControlFramesPerSecond: 2 } });
    for (let second = 0; second < 3; second++) {
      server.clock.time = second * 1000;
      server.receive(frame(PING), frame(PONG));
    }
    expect(server.connection.state).toBe('OPEN');
    server.clock.time += 999;
    server.receive(frame(PING));
    expect(server.connection.state).toBe('FAILED');
  });
});

describe('a peer that does not read', () => {
  it('is told by what send returns, before memory is gone', () => {
    const server = new Endpoint('server', { limits: { maxBufferedAmount: 100 } });
    expect(server.connection.send('x'.repeat(98))).toBe('written');
    server.connection.flush();
    server.bufferedAmount = 100;
    expect(server.connection.send('x')).toBe('buffered');
    expect(server.connection.send('y')).toBe('refused');
    expect(server.connection.ping('z')).toBe('refused');
    expect(server.connection.bufferedAmount).toBe(103);
    server.bufferedAmount = 0;
    expect(server.connection.send('z')).toBe('written');
    expect(server.connection.state).toBe('OPEN');
  });

  it('does not keep a message in fragments from ending by what waits for its end', () => {
    const server = new Endpoint('server', { limits: { maxBufferedAmount: 10 } });
    const writer = server.connection.startMessage('text');
    writer.write('a');
    expect(server.connection.send('x'.repeat(20))).toBe('buffered');
    expect(server.connection.send('y')).toBe('refused');
    expect(writer.end('b')).toBe('buffered');
    expect(server.takeOutput()).toEqual([0x01, 1, 0x61, 0x80, 1, 0x62, 0x81, 20, ...Buffer.from('x'.repeat(20))]);
  });

  it('is disconnected where that is declared', () => {
    const server = new Endpoint('server', { limits: { maxBufferedAmount: 100 } });
    server.bufferedAmount = 101;
    expect(server.connection.send('x', { closeWhenFull: true })).toBe('closed');
    expect(server.connection.state).toBe('FAILED');
    server.connection.gone();
    expect(server.close).toMatchObject({ code: 1008, error: { code: 'OUTPUT_LIMIT' } });
  });

  it('is disconnected by a published message as well, or misses it', () => {
    const message = new PreparedBatch([new PreparedMessage('news', portablePlatform)], portablePlatform);
    for (const closeWhenFull of [true, false]) {
      const server = new Endpoint('server', { limits: { maxBufferedAmount: 100 } });
      server.bufferedAmount = 101;
      expect(server.connection.sendPrepared(message, { closeWhenFull })).toBe(closeWhenFull ? 'closed' : 'refused');
    }
  });

  it('has one Pong waiting, for its latest Ping', () => {
    const server = new Endpoint('server');
    server.bufferedAmount = 1;
    for (let i = 0; i < 500; i++) server.receive(frame(PING, `${i}`));
    expect(server.takeOutput()).toEqual([]);
    server.bufferedAmount = 0;
    server.connection.drained();
    expect(server.takeOutput()).toEqual([0x8a, 3, ...Buffer.from('499')]);
    server.connection.drained();
    expect(server.takeOutput()).toEqual([]);
  });

  it('gets no Pong after the closing handshake has begun', () => {
    const server = new Endpoint('server');
    server.bufferedAmount = 1;
    server.receive(frame(PING, 'a'));
    server.connection.close();
    server.connection.drained();
    server.receive(frame(PING, 'b'));
    expect(server.takeOutput()).toEqual([0x88, 0]);
  });
});

describe('settings', () => {
  it('name a compression threshold that makes no sense', () => {
    for (const compressionThreshold of [-1, Number.NaN]) {
      expect(
        () => new ConnectionSettings({ role: 'server', platform: portablePlatform, compressionThreshold }),
      ).toThrow(RangeError);
    }
  });

  it('work with the portable platform', () => {
    const server = new Endpoint('server', { platform: portablePlatform });
    const client = new Endpoint('client', { platform: portablePlatform });
    client.connection.send('schöne Grüße 🌊');
    client.connection.send('best wishes');
    server.connection.receive(Uint8Array.from(client.takeOutput()));
    expect(server.messages).toEqual(['schöne Grüße 🌊', 'best wishes']);
    server.receive(frame(TEXT, Uint8Array.of(0xff)));
    expect(server.connection.state).toBe('FAILED');
  });
});
