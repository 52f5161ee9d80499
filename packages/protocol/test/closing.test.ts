import { CloseCode } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { CLOSE, closeBody, Endpoint, exchange, frame, PING, TEXT } from './support.ts';

describe('the closing handshake', () => {
  it('begun by the client: the server answers, ends its side first, and both are clean', () => {
    const server = new Endpoint('server');
    const client = new Endpoint('client');
    client.connection.close(4000, 'done');
    expect(client.connection.readyState).toBe(2);
    expect(client.events).toEqual(['closing']);
    exchange(server, client);
    expect([server.connection.state, client.connection.state]).toEqual(['CLOSE_DONE', 'CLOSE_DONE']);
    // The client ended its side only after the server had.
    expect([server.hasEnded, client.hasEnded]).toEqual([true, true]);
    for (const side of [server, client]) {
      side.connection.gone();
      expect(side.connection.readyState).toBe(3);
      expect(side.close).toMatchObject({ code: 4000, wasClean: true, error: undefined });
      expect(side.events).toEqual(['closing', 'close']);
    }
    // The answer repeats the code, not the reason.
    expect([server.close?.reason, client.close?.reason]).toEqual(['done', '']);
  });

  it('begun by the server: it ends its side once the answer is there, not before', () => {
    const server = new Endpoint('server');
    server.connection.close(CloseCode.GOING_AWAY, 'restart');
    expect(server.hasEnded).toBe(false);
    server.receive(frame(TEXT, 'in flight'));
    expect(server.messages).toEqual(['in flight']);
    server.receive(frame(CLOSE, closeBody(1001)));
    expect(server.hasEnded).toBe(true);
    server.connection.ended();
    server.connection.gone();
    expect(server.close).toEqual({ code: 1001, reason: '', wasClean: true, error: undefined });
  });

  it('begun by both at once', () => {
    const server = new Endpoint('server');
    const client = new Endpoint('client');
    server.connection.close(1000, 'server');
    client.connection.close(1000, 'client');
    exchange(server, client);
    for (const side of [server, client]) side.connection.gone();
    expect(server.close).toMatchObject({ reason: 'client', wasClean: true });
    expect(client.close).toMatchObject({ reason: 'server', wasClean: true });
  });

  it('without a code is reported as 1005 and answered without one', () => {
    const server = new Endpoint('server');
    server.receive(frame(CLOSE));
    expect(server.takeOutput()).toEqual([0x88, 0]);
    server.connection.gone();
    expect(server.close).toMatchObject({ code: 1005, reason: '', wasClean: true });
  });

  it('hands the Close frame over before the end of the stream', () => {
    const server = new Endpoint('server');
    let writtenAtEnd = -1;
    server.end = () => {
      writtenAtEnd = server.written.length;
    };
    server.connection.send('last words');
    server.receive(frame(CLOSE, closeBody(1000)));
    expect(writtenAtEnd).toBe(1);
    expect(server.takeOutput().slice(-4)).toEqual([0x88, 2, 3, 232]);
  });

  it('discards what comes after a Close frame', () => {
    const server = new Endpoint('server');
    server.receive(frame(CLOSE, closeBody(1000)), frame(TEXT, 'late'), frame(PING));
    server.receive(frame(TEXT, 'later'));
    expect(server.messages).toEqual([]);
    expect(server.takeOutput()).toEqual([0x88, 2, 3, 232]);
  });

  it('comes through in the middle of a fragmented message', () => {
    const server = new Endpoint('server');
    server.receive(frame(TEXT, 'half', { fin: false }), frame(CLOSE, closeBody(1000)));
    server.connection.gone();
    expect(server.close).toMatchObject({ code: 1000, wasClean: true });
    expect(server.messages).toEqual([]);
  });

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])(
    'takes %i as a code, either way',
    (code) => {
      const server = new Endpoint('server');
      const client = new Endpoint('client');
      server.connection.close(code, 'ü'.repeat(61));
      exchange(server, client);
      client.connection.gone();
      expect(client.close).toMatchObject({ code, reason: 'ü'.repeat(61) });
    },
  );

  it('throws for codes and reasons that cannot be sent, and changes nothing', () => {
    const { connection } = new Endpoint('server');
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, -1, 1000.5, Number.NaN]) {
      expect(() => connection.close(code)).toThrow(RangeError);
    }
    expect(() => connection.close(1000, 'ü'.repeat(62))).toThrow(/123 bytes/);
    expect(() => connection.close(undefined, 'why')).toThrow(TypeError);
    // @ts-expect-error what the types forbid
    expect(() => connection.close(1000, new Float32Array(4))).toThrow(/not Float32Array/);
    // @ts-expect-error what the types forbid
    expect(() => connection.close('1000')).toThrow(RangeError);
    expect(connection.state).toBe('OPEN');
    expect(connection.bufferedAmount).toBe(0);
  });

  it('happens once', () => {
    const server = new Endpoint('server');
    server.connection.close(1000);
    server.connection.close(1001);
    server.receive(frame(CLOSE, closeBody(1000)));
    server.connection.close(1001);
    expect(server.takeOutput()).toEqual([0x88, 2, 3, 232]);
    server.connection.gone();
    server.connection.gone();
    server.connection.close();
    expect(server.events).toEqual(['closing', 'close']);
  });

  it('leaves nothing to be sent after it', () => {
    const { connection } = new Endpoint('server');
    connection.close();
    expect(connection.send('x')).toBe('closed');
    expect(connection.ping()).toBe('closed');
    connection.gone();
    expect(connection.send('x')).toBe('closed');
    expect(connection.bufferedAmount).toBe(0);
  });
});

describe('a connection that ends without a Close frame', () => {
  it('is 1006 when the peer ends its side: ours follows', () => {
    const server = new Endpoint('server');
    server.receive(frame(TEXT, 'half', { fin: false }));
    server.connection.ended();
    expect(server.hasEnded).toBe(true);
    expect(server.takeOutput()).toEqual([]);
    server.connection.gone();
    expect(server.close).toEqual({ code: 1006, reason: '', wasClean: false, error: undefined });
    expect(server.events).toEqual(['closing', 'close']);
  });

  it('is 1006 when the pipe is gone', () => {
    const server = new Endpoint('server');
    server.connection.gone();
    expect(server.close).toMatchObject({ code: 1006, wasClean: false });
    expect(server.events).toEqual(['closing', 'close']);
  });

  it('is 1006 when our Close frame stays unanswered', () => {
    for (const endsFirst of [true, false]) {
      const client = new Endpoint('client');
      client.connection.close(1000);
      if (endsFirst) client.connection.ended();
      expect(client.hasEnded).toBe(endsFirst);
      client.connection.gone();
      expect(client.close).toMatchObject({ code: 1006, wasClean: false });
    }
  });
});

describe('a connection that is abandoned', () => {
  it('delivers nothing more, not even what is left of the chunk, and ends with 1006', () => {
    const server = new Endpoint('server');
    server.onMessage = () => server.connection.abandon();
    server.receive(frame(TEXT, 'one'), frame(TEXT, 'two'));
    expect(server.messages).toEqual(['one']);
    expect(server.isDestroyed).toBe(true);
    expect(server.connection.send('late')).toBe('closed');
    server.connection.gone();
    expect(server.close).toMatchObject({ code: 1006, wasClean: false });
    expect(server.events).toEqual(['closing', 'close']);
  });

  it('after the closing handshake was clean all the same', () => {
    const server = new Endpoint('server');
    server.receive(frame(CLOSE, closeBody(1000)));
    server.connection.abandon();
    server.connection.gone();
    expect(server.isDestroyed).toBe(true);
    expect(server.close).toMatchObject({ code: 1000, wasClean: true });
  });
});

describe('before the connection is open', () => {
  it('nothing is sent', () => {
    const { connection } = new Endpoint('client', { stayConnecting: true });
    expect(connection.readyState).toBe(0);
    expect(connection.send('x')).toBe('closed');
  });

  it('closing drops the pipe', () => {
    const client = new Endpoint('client', { stayConnecting: true });
    client.connection.close();
    expect(client.isDestroyed).toBe(true);
    client.connection.gone();
    expect(client.close).toMatchObject({ code: 1006, wasClean: false });
    expect(client.events).toEqual(['close']);
  });

  it('the end of the pipe is the end', () => {
    const client = new Endpoint('client', { stayConnecting: true });
    client.connection.ended();
    client.connection.gone();
    expect(client.close).toMatchObject({ code: 1006 });
  });
});
