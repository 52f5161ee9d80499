import { describe, expect, it } from 'vitest';
import { Client, hello } from './client-support.ts';
import { ack, body, data, done, end } from './support.ts';

describe('what is written', () => {
  it('waits until the server has said that it takes it, and goes out at once then', () => {
    const client = new Client();
    client.session.write(Uint8Array.of(1, 2));
    expect([client.owner.made.length, client.session.bufferedAmount]).toEqual([1, 2]);
    client.brings(client.last, hello, ack(0));
    expect([client.last.mode, client.last.data, client.session.bufferedAmount]).toEqual(['SEND', [1, 2], 0]);
    expect(client.owner.events).toEqual(['backedUp', 'drained']);
  });

  it('goes by two requests at a time, each as large as the server takes', () => {
    const { client } = Client.streaming({}, { maxBodySize: 4096 });
    client.session.writeAll([new Uint8Array(5000), new Uint8Array(5000)]);
    expect(client.take()).toEqual(['STREAM', 'SEND', 'SEND']);
    const { length } = client.last.data;
    expect(length).toBeGreaterThan(3900);
    expect(length).toBeLessThan(4096);
    expect(client.session.bufferedAmount).toBe(10_000 - 2 * length);
    client.answers(client.last, ack(2 * length));
    expect(client.last.data).toHaveLength(10_000 - 2 * length);
  });

  it('is sent again when a request fails, after a while', () => {
    const { client } = Client.streaming();
    client.session.write(Uint8Array.of(1));
    const first = client.last;
    client.session.failed(first.id);
    client.session.failed(first.id);
    expect(client.last).toBe(first);
    client.pass(200);
    expect([client.last.id, client.last.data]).toEqual([first.id + 1, [1]]);
  });

  it('is sent again when a request is not answered within 20 seconds', () => {
    const { client, stream } = Client.streaming({}, { heartbeatInterval: 30_000 });
    client.session.write(Uint8Array.of(1));
    const first = client.last;
    client.pass(19_999);
    expect(client.last).toBe(first);
    client.pass(201);
    expect([client.last.data, client.owner.aborted]).toEqual([[1], [first.id]]);
    client.brings(first, hello, ack(1));
    client.session.completed(first.id);
    expect(client.session.state).toBe('OPEN');
    client.answers(client.last, ack(1));
    client.brings(stream, ack(1));
  });

  it('is sent again when the answer says that it did not come', () => {
    const { client } = Client.streaming();
    client.session.write(Uint8Array.of(1));
    client.answers(client.last, ack(0));
    client.pass(200);
    expect(client.last.data).toEqual([1]);
  });

  it.each(['TRUNCATED', 'OUT_OF_ORDER', 'TOO_MANY_REQUESTS', 'UNAVAILABLE'] as const)(
    'is sent again when it was refused as %s',
    (code) => {
      const { client } = Client.streaming();
      client.session.write(Uint8Array.of(1));
      client.refuses(client.last, code);
      client.pass(200);
      expect(client.last.data).toEqual([1]);
    },
  );

  it('is sent in smaller pieces where somebody on the way refuses large ones', () => {
    const { client } = Client.streaming({}, { maxBodySize: 8192 });
    client.session.write(new Uint8Array(20_000));
    client.session.refused(client.last.id, 413, '<html>');
    client.session.refused(99, 413, '<html>');
    client.pass(200);
    expect(client.last.data.length).toBeLessThan(4096);
  });
});

describe('what is received', () => {
  it('is delivered from whichever chunks it comes in', () => {
    const { client, stream } = Client.streaming();
    for (const byte of body(data(0, 1, 2, 3))) client.session.received(stream.id, Uint8Array.of(byte));
    expect(client.owner.received).toEqual([1, 2, 3]);
  });

  it('is acknowledged within two seconds', () => {
    const { client, stream } = Client.streaming();
    client.brings(stream, data(0, 1));
    client.pass(1999);
    expect(client.last).toBe(stream);
    client.pass(1);
    expect([client.last.mode, client.last.records[1]]).toMatchObject(['SEND', { received: 1 }]);
  });

  it('is acknowledged at once when it is a quarter of a window', () => {
    const { client, stream } = Client.streaming({ window: 16_384 });
    client.brings(stream, data(0, ...new Uint8Array(4096)));
    expect(client.last.records[1]).toEqual(ack(4096, 16_384 + 4096));
  });

  it('is acknowledged at once when it is a quarter of the window of a server that keeps less', () => {
    const { client, stream } = Client.streaming({}, { window: 16_384 });
    client.brings(stream, data(0, ...new Array(4095).fill(0)));
    expect(client.last).toBe(stream);
    client.brings(stream, data(4095, 0));
    expect(client.last.records).toContainEqual(ack(4096, 262_144 + 4096));
  });

  it('is acknowledged again if the request that said so is lost', () => {
    const { client, stream } = Client.streaming();
    client.brings(stream, data(0, 1));
    client.pass(2000);
    client.session.failed(client.last.id);
    client.pass(2000);
    expect([client.owner.made.length, client.last.records[1]]).toMatchObject([3, { received: 1 }]);
  });

  it('is acknowledged with what is sent anyway', () => {
    const { client, stream } = Client.streaming();
    client.brings(stream, data(0, 1));
    client.session.write(Uint8Array.of(5));
    client.pass(5000);
    expect(client.owner.made).toHaveLength(2);
  });

  it('is kept while the owner does not read, and the server told when it does', () => {
    const { client, stream } = Client.streaming({ window: 16_384 });
    client.session.pause();
    client.brings(stream, data(0, ...new Uint8Array(16_384)));
    expect([client.owner.received.length, client.last.records[1]]).toEqual([0, ack(16_384, 16_384)]);
    client.session.resume();
    expect([client.owner.received.length, client.last.records[1]]).toEqual([16_384, ack(16_384, 32_768)]);
  });

  it('from a broken answer counts, and is asked for from there on', () => {
    const { client, stream } = Client.streaming();
    client.session.received(stream.id, body(data(0, 1, 2), data(2, 3)).subarray(0, -1));
    client.session.completed(stream.id);
    client.pass(200);
    expect([client.owner.received, client.last.mode]).toEqual([[1, 2], 'STREAM']);
    expect(client.last.records[1]).toMatchObject({ received: 2 });
  });

  it.each([
    ['HTML', Buffer.from('<!DOCTYPE html>')],
    ['another version', body({ type: 'HELLO', version: 2 })],
    ['no HELLO', body(ack(0))],
    ['no HELLO, and nonsense', Buffer.concat([body(ack(0)), Uint8Array.of(0)])],
  ])('from somebody else is not read, such as %s, and the request made again', (_, bytes) => {
    const client = new Client();
    client.session.received(client.last.id, bytes);
    client.session.received(1, bytes);
    client.pass(200);
    expect([client.owner.aborted, client.last.number, client.session.state]).toEqual([[1], 2, 'OPEN']);
  });
});

describe('the end of a session', () => {
  it('is in order when both have ended, with one last request that says so', () => {
    const { client, stream } = Client.streaming();
    client.owner.onEnded = () => client.session.end();
    client.brings(stream, data(0, 1), end(1));
    expect(client.last.types).toEqual(['HEAD', 'ACK', 'END', 'DONE']);
    expect(client.last.records[1]).toMatchObject({ received: 2 });
    const { last } = client;
    client.brings(last, hello, ack(1));
    expect([client.session.state, client.last, client.owner.aborted]).toEqual(['GONE', last, [stream.id, last.id]]);
    client.pass(0);
    expect([client.owner.events, client.owner.outcome]).toEqual([['ended', 'gone'], 'FINISHED']);
  });

  it('says farewell when the server cannot know yet that its end was received', () => {
    const { client, stream } = Client.streaming();
    client.session.end();
    client.session.write(Uint8Array.of(1));
    client.answers(client.last, ack(1));
    client.brings(stream, end(0));
    expect([client.last.types, client.last.isLast]).toEqual([['HEAD', 'ACK', 'DONE'], true]);
    client.pass(0);
    expect(client.owner.outcome).toBe('FINISHED');
  });

  it('is in order, too, if the server has forgotten the session by then', () => {
    const { client, stream } = Client.streaming();
    client.owner.onEnded = () => client.session.end();
    client.brings(stream, end(0));
    client.refuses(client.last, 'UNKNOWN_SESSION');
    client.pass(0);
    expect(client.owner.outcome).toBe('FINISHED');
  });

  it('is told to the server if the owner drops the session', () => {
    const { client } = Client.streaming();
    client.session.destroy();
    client.session.write(Uint8Array.of(1));
    expect([client.last.types, client.last.isLast]).toEqual([['HEAD', 'ACK', 'RESET', 'DONE'], true]);
    expect(client.owner.aborted).toEqual([1]);
    client.session.failed(client.last.id);
    client.pass(0);
    expect(client.owner.outcome).toBe('DESTROYED');
  });

  it('comes by a RESET, and by an unknown session', () => {
    const one = Client.streaming();
    one.client.brings(one.stream, { type: 'RESET' }, done);
    one.client.pass(0);
    const other = new Client();
    other.refuses(other.last, 'UNKNOWN_SESSION');
    other.pass(0);
    expect([one.client.owner.outcome, other.owner.outcome]).toEqual(['RESET', 'RESET']);
  });

  it.each(['MALFORMED', 'FOREIGN_ORIGIN', 'BEYOND_WINDOW', 'TOO_LARGE'] as const)(
    'comes when %s is refused',
    (code) => {
      const client = new Client();
      client.refuses(client.last, code);
      client.pass(0);
      expect(client.owner.outcome).toBe('REFUSED');
    },
  );

  it.each([
    ['acknowledges what was not sent', ack(1)],
    ['sends beyond the window', data(262_144, 1)],
    [
      'sends what only requests have',
      { type: 'HEAD', version: 1, mode: 'SEND', number: 1, knownLimit: 0, key: new Uint8Array(16) },
    ],
  ] as const)('comes when the server %s', (_, record) => {
    const { client, stream } = Client.streaming();
    client.brings(stream, record, data(0, 1));
    expect(client.last.types).toContain('RESET');
    client.pass(0);
    expect([client.owner.outcome, client.owner.received]).toEqual(['VIOLATION', []]);
  });

  it('comes when nothing succeeds for the grace time', () => {
    const client = new Client({}, { graceTime: 10_000 });
    const from = client.clock.time;
    client.session.failed(client.last.id);
    while (client.owner.outcome === undefined && client.clock.time < from + 60_000) {
      client.pass(100);
      client.session.failed(client.last.id);
    }
    expect([client.owner.outcome, client.clock.time - from]).toEqual(['LOST', 10_000]);
    expect(client.owner.due).toBe(Number.POSITIVE_INFINITY);
  });

  it('comes when only what is sent fails for so long, though something is received', () => {
    const { client, stream } = Client.streaming({}, { graceTime: 5000 });
    client.session.write(Uint8Array.of(1));
    for (let i = 0; i < 60; i++) {
      if (client.last.mode === 'SEND') client.session.failed(client.last.id);
      client.brings(stream, { type: 'ALIVE' });
      client.pass(100);
    }
    expect(client.owner.outcome).toBe('LOST');
  });
});

describe('a pipe', () => {
  it('passes the request for a flush on', () => {
    const client = new Client();
    client.session.requestFlush();
    expect(client.owner.flushRequests).toBe(1);
  });

  it('waits longer after each failure, and five seconds at most', () => {
    const client = new Client({ transports: ['poll'] }, { graceTime: 100_000 });
    const delays: number[] = [];
    for (let i = 0; i < 8; i++) {
      client.session.failed(client.last.id);
      delays.push(client.owner.due - client.clock.time);
      client.pass(client.owner.due - client.clock.time);
    }
    const [first = 0] = delays;
    expect(first).toBeGreaterThanOrEqual(100);
    expect(first).toBeLessThanOrEqual(200);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5000);
    expect(delays.at(-1)).toBeGreaterThanOrEqual(2500);
  });
});
