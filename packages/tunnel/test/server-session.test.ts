import { describe, expect, it } from 'vitest';
import { Answer, ack, body, data, done, end, head, Server } from './support.ts';

describe('a request that sends', () => {
  it('is answered at once with how far it came', () => {
    const server = new Server({ window: 20_000 });
    const answer = server.ask('SEND', 0, data(0, 1, 2, 3));
    expect(server.owner.received).toEqual([1, 2, 3]);
    expect(answer.records).toEqual([{ type: 'HELLO', version: 1 }, ack(3, 20_003), done]);
    expect(answer.isEnded).toBe(true);
  });

  it('may come twice, overlap, and come out of order', () => {
    const server = new Server();
    server.ask('SEND', 0, data(0, 1, 2));
    server.ask('SEND', 0, data(0, 1, 2));
    server.ask('SEND', 0, data(4, 5, 6));
    server.ask('SEND', 0, data(4, 5, 6));
    server.ask('SEND', 0, data(5, 6, 7));
    expect(server.owner.received).toEqual([1, 2]);
    expect(server.ask('SEND', 0, data(1, 2, 3, 4, 5)).records[1]).toMatchObject({ received: 7 });
    expect(server.owner.received).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('counts as far as it is whole, and is refused where it was cut off', () => {
    const server = new Server();
    expect(server.request(head('SEND'), data(0, 1)).refusal).toBe('TRUNCATED');
    expect(server.request().refusal).toBe('TRUNCATED');
    expect(server.owner.received).toEqual([1]);
  });

  it('does not take what comes down', () => {
    const server = new Server();
    server.session.write(Uint8Array.of(1));
    expect(server.ask('SEND', 0, ack(0)).types).toEqual(['HELLO', 'ACK', 'DONE']);
    expect(server.session.bufferedAmount).toBe(1);
  });
});

describe('a request that takes', () => {
  it('is answered at once with what there is, even with what its own bytes have led to', () => {
    const server = new Server();
    server.owner.onReceive = (bytes) => server.session.write(bytes.slice());
    expect(server.ask('TAKE', 1, ack(0), data(0, 9)).data).toEqual([9]);
    expect(server.ask('TAKE', 2, ack(1)).types).toEqual(['HELLO', 'ACK', 'DONE']);
  });

  it('gets again what it has not acknowledged', () => {
    const server = new Server();
    server.session.write(Uint8Array.of(1, 2, 3));
    expect(server.ask('TAKE', 1, ack(0)).data).toEqual([1, 2, 3]);
    expect(server.ask('TAKE', 2, ack(2)).data).toEqual([3]);
    expect(server.ask('TAKE', 3, ack(3)).data).toEqual([]);
  });

  it('gets no more than the client has room for, and no more than one body holds', () => {
    const server = new Server({ maxBodySize: 5000 });
    server.session.write(new Uint8Array(20_000));
    expect(server.ask('TAKE', 1, ack(0, 100)).data).toHaveLength(100);
    expect(server.session.bufferedAmount).toBe(19_900);
    const { length } = server.ask('TAKE', 2, ack(100, 50_000)).data;
    expect(length).toBeGreaterThan(4900);
    expect(length).toBeLessThanOrEqual(5000);
  });

  it('gets no more than a window that is not acknowledged, whatever the client says it has room for', () => {
    const server = new Server({ window: 16_384 });
    server.session.write(new Uint8Array(100_000));
    expect(server.ask('TAKE', 1, ack(0, 2 ** 53 - 1)).data).toHaveLength(16_384);
    expect(server.session.bufferedAmount).toBe(100_000 - 16_384);
  });
});

describe('a request that waits', () => {
  it('is held until there is something', () => {
    const server = new Server();
    const answer = server.ask('WAIT', 1, ack(0));
    expect(answer.types).toEqual([]);
    server.session.writeAll([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(answer.types).toEqual(['HELLO', 'ACK', 'DATA', 'DONE']);
    expect(answer.data).toEqual([1, 2]);
  });

  it('is answered without anything after the poll time', () => {
    const server = new Server({ pollTime: 5000 });
    const answer = server.ask('WAIT', 1, ack(0));
    server.pass(4999);
    expect(answer.isEnded).toBe(false);
    server.pass(1);
    expect(answer.types).toEqual(['HELLO', 'ACK', 'DONE']);
  });

  it('is superseded by the next, which gets what the old one may have lost', () => {
    const server = new Server();
    server.session.write(Uint8Array.of(1, 2));
    server.ask('WAIT', 1, ack(0));
    const second = server.ask('WAIT', 2, ack(2));
    const third = server.ask('WAIT', 3, ack(2));
    expect([second.types, third.types]).toEqual([['HELLO', 'ACK', 'DONE'], []]);
    server.session.write(Uint8Array.of(3));
    expect(third.data).toEqual([3]);
    expect(server.ask('WAIT', 4, ack(2)).data).toEqual([3]);
  });

  it('is answered at once if a later one has overtaken it', () => {
    const server = new Server();
    const second = server.ask('WAIT', 2, ack(0));
    expect(server.ask('WAIT', 1, ack(0), data(0, 7)).types).toEqual(['HELLO', 'ACK', 'DONE']);
    expect([second.isEnded, server.owner.received]).toEqual([false, [7]]);
  });

  it('that comes twice is held the second time', () => {
    const server = new Server();
    const [first, second] = [server.ask('WAIT', 1, ack(0)), server.ask('WAIT', 1, ack(0))];
    server.session.write(Uint8Array.of(1));
    expect([first.data, second.data]).toEqual([[], [1]]);
  });

  it('is answered when the server takes more again', () => {
    const server = new Server({ window: 16_384 });
    server.session.pause();
    server.ask('SEND', 0, data(0, ...new Uint8Array(16_384)));
    const answer = server.request(head('WAIT', 1, { knownLimit: 16_384 }), ack(0), done);
    expect(answer.types).toEqual([]);
    server.session.resume();
    expect(answer.records[1]).toEqual(ack(16_384, 32_768));
    expect(server.request(head('WAIT', 2, { knownLimit: 16_384 }), ack(0), done).isEnded).toBe(true);
    expect(server.request(head('WAIT', 3, { knownLimit: 32_768 }), ack(0), done).isEnded).toBe(false);
  });
});

describe('a streaming answer', () => {
  it('begins at once, proves itself, says what is written, and ends after its time', () => {
    const server = new Server({ heartbeatInterval: 3000, streamTime: 10_000 });
    const answer = server.ask('STREAM', 1, ack(0));
    expect(answer.take()).toEqual(['HELLO', 'ACK']);
    server.pass(200);
    expect(answer.take()).toEqual(['PROOF']);
    server.session.write(Uint8Array.of(1));
    expect(answer.data).toEqual([1]);
    expect(answer.take()).toEqual(['DATA']);
    server.pass(2999);
    expect(answer.take()).toEqual([]);
    server.pass(1);
    expect(answer.take()).toEqual(['ALIVE']);
    server.pass(6799);
    expect(answer.take()).toEqual(['ALIVE', 'ALIVE']);
    server.pass(1);
    expect([answer.take(), answer.isEnded]).toEqual([['ACK', 'DONE'], true]);
  });

  it('says nothing when a tick comes before its time', () => {
    const server = new Server();
    const answer = server.ask('STREAM', 1, ack(0));
    server.session.tick();
    expect(answer.types).toEqual(['HELLO', 'ACK']);
    server.pass(200);
    expect(answer.types).toEqual(['HELLO', 'ACK', 'PROOF']);
  });

  it('tells that the server takes more again', () => {
    const server = new Server({ window: 16_384 });
    server.session.pause();
    const answer = server.ask('STREAM', 1, ack(0));
    server.ask('SEND', 0, data(0, ...new Uint8Array(16_384)));
    server.session.resume();
    expect(answer.records[2]).toEqual(ack(16_384, 32_768));
  });

  it('goes on where the client has room again', () => {
    const server = new Server();
    const answer = server.ask('STREAM', 1, ack(0, 2));
    server.session.write(Uint8Array.of(1, 2, 3));
    expect([answer.data, server.owner.events]).toEqual([[1, 2], ['backedUp']]);
    server.ask('SEND', 1, ack(2, 4));
    expect([answer.data, server.owner.events]).toEqual([
      [1, 2, 3],
      ['backedUp', 'drained'],
    ]);
  });

  it('that was cut loses nothing', () => {
    const server = new Server();
    const answer = server.ask('STREAM', 1, ack(0));
    server.session.write(Uint8Array.of(1, 2, 3));
    server.session.detached(answer);
    server.session.write(Uint8Array.of(4));
    expect(answer.data).toEqual([1, 2, 3]);
    const next = server.ask('STREAM', 2, ack(1));
    expect(next.data).toEqual([2, 3, 4]);
    server.session.detached(answer);
    server.session.write(Uint8Array.of(5));
    expect(next.data).toEqual([2, 3, 4, 5]);
  });
});

describe('the end of a session', () => {
  it('is in order when both have ended and know it', () => {
    const server = new Server();
    server.owner.onEnded = () => server.session.end();
    const answer = server.ask('STREAM', 1, ack(0));
    server.session.write(Uint8Array.of(1));
    expect(server.ask('SEND', 1, ack(1), data(0, 5), end(1)).records[1]).toMatchObject({ received: 2 });
    expect(answer.types).toEqual(['HELLO', 'ACK', 'DATA', 'END']);
    expect([server.session.state, server.owner.events]).toEqual(['BOTH_ENDED', ['ended']]);
    expect(server.ask('SEND', 1, ack(2)).types).toEqual(['HELLO', 'ACK', 'DONE']);
    expect([answer.types.slice(-2), answer.isEnded]).toEqual([['ACK', 'DONE'], true]);
    server.pass(0);
    expect([server.owner.events, server.owner.outcome]).toEqual([['ended', 'gone'], 'FINISHED']);
    expect(server.ask('SEND', 1, ack(2)).refusal).toBe('UNKNOWN_SESSION');
  });

  it('may be ended by the server first, whose END is sent again until it is known', () => {
    const server = new Server();
    server.session.write(Uint8Array.of(1));
    server.session.end();
    server.session.write(Uint8Array.of(2));
    expect(server.ask('TAKE', 1, ack(0)).types).toEqual(['HELLO', 'ACK', 'DATA', 'END', 'DONE']);
    expect(server.ask('TAKE', 2, ack(1)).types).toEqual(['HELLO', 'ACK', 'END', 'DONE']);
    expect(server.ask('TAKE', 3, ack(2)).types).toEqual(['HELLO', 'ACK', 'DONE']);
    expect(server.session.state).toBe('END_SENT');
    expect(server.ask('WAIT', 4, ack(2), end(0)).types).toEqual(['HELLO', 'ACK', 'DONE']);
    server.pass(0);
    expect(server.owner.outcome).toBe('FINISHED');
  });

  it('is reported after what was kept, if the owner does not read', () => {
    const server = new Server();
    server.session.pause();
    server.ask('SEND', 0, data(0, 1, 2), end(2));
    expect(server.owner.events).toEqual([]);
    server.session.resume();
    expect([server.owner.received, server.owner.events]).toEqual([[1, 2], ['ended']]);
  });

  it.each(['WAIT', 'STREAM'] as const)('tells a %s request that the owner has dropped it', (mode) => {
    const server = new Server();
    const answer = server.ask(mode, 1, ack(0));
    server.session.destroy();
    server.session.write(Uint8Array.of(1));
    expect([answer.types.slice(-2), answer.isEnded]).toEqual([['RESET', 'DONE'], true]);
    expect(server.owner.events).toEqual([]);
    server.pass(0);
    expect(server.owner.outcome).toBe('DESTROYED');
  });

  it('is told in the answer, if what came has made the owner drop it', () => {
    const server = new Server();
    server.owner.onReceive = () => server.session.destroy();
    expect(server.ask('TAKE', 1, ack(0), data(0, 1), data(1, 2)).types).toEqual(['HELLO', 'ACK', 'RESET', 'DONE']);
    expect(server.owner.received).toEqual([1]);
  });

  it('comes by a RESET of the client', () => {
    const server = new Server();
    server.ask('SEND', 0, { type: 'RESET' });
    server.pass(0);
    expect(server.owner.outcome).toBe('RESET');
  });

  it('comes when nothing is heard for the grace time, and not while a request is held', () => {
    const server = new Server({ graceTime: 4000, pollTime: 10_000 });
    server.pass(3999);
    const answer = server.ask('WAIT', 1, ack(0));
    server.pass(10_000);
    expect(answer.isEnded).toBe(true);
    server.pass(3999);
    server.session.detached(server.ask('STREAM', 2, ack(0)));
    server.pass(3999);
    expect(server.owner.outcome).toBeUndefined();
    server.pass(1);
    expect(server.owner.outcome).toBe('LOST');
    expect(server.owner.due).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a pipe', () => {
  it('passes the request for a flush on', () => {
    const server = new Server();
    server.session.requestFlush();
    expect(server.owner.flushRequests).toBe(1);
  });

  it('keeps copies of what it keeps: the body may be used again', () => {
    const server = new Server();
    const bytes = body(head('SEND'), data(0, 1, 2), data(3, 4), done);
    server.session.pause();
    server.session.request(bytes, new Answer());
    bytes.fill(0xff);
    server.ask('SEND', 0, data(2, 3));
    server.session.resume();
    expect(server.owner.received).toEqual([1, 2, 3, 4]);
  });

  it('that is paused while it delivers keeps the rest, in order', () => {
    const server = new Server();
    const twos = Array.from({ length: 1024 }, () => 2);
    server.ask('SEND', 0, data(1, ...twos));
    server.owner.onReceive = () => server.session.pause();
    server.ask('SEND', 0, data(0, 1), data(1025, 3));
    expect(server.owner.received).toEqual([1]);
    server.session.resume();
    expect(server.owner.received).toEqual([1, ...twos]);
    server.owner.onReceive = () => server.session.resume();
    server.session.resume();
    expect(server.owner.received).toEqual([1, ...twos, 3]);
  });
});
