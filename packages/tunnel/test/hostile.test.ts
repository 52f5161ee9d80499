import { describe, expect, it } from 'vitest';
import { ack, body, data, done, end, head, KEY, Server } from './support.ts';

describe('hostile requests', () => {
  it.each([
    ['an answer', 'MALFORMED', [{ type: 'HELLO', version: 1 }, done]],
    ['another version', 'VERSION', [head('SEND', 0, { version: 2 }), done]],
    ['a wrong key', 'UNKNOWN_SESSION', [head('SEND', 0, { key: KEY.map((byte) => byte ^ 1) }), data(0, 1), done]],
    ['two heads', 'MALFORMED', [head('SEND'), head('SEND'), done]],
    ['a record of answers', 'MALFORMED', [head('SEND'), { type: 'ALIVE' }, done]],
    ['something behind DONE', 'MALFORMED', [head('SEND'), done, done]],
    ['an acknowledgement of what was not sent', 'ACKNOWLEDGEMENT', [head('SEND'), ack(1), done]],
    ['data beyond the window', 'BEYOND_WINDOW', [head('SEND'), data(262_144, 1), done]],
    ['data far beyond the window', 'BEYOND_WINDOW', [head('SEND'), data(2 ** 52, 1), done]],
    ['an end before what was received', 'BEYOND_END', [head('SEND'), data(0, 1, 2), end(1), done]],
    ['an end before what came early', 'BEYOND_END', [head('SEND'), data(3, 1, 2), end(4), done]],
    ['two ends', 'BEYOND_END', [head('SEND'), end(5), end(5), end(6), done]],
    ['data beyond the end', 'BEYOND_END', [head('SEND'), end(1), data(1, 2), done]],
  ] as const)('with %s are refused as %s, and the session goes on', (_, code, records) => {
    const server = new Server();
    expect(server.request(...records).refusal).toBe(code);
    expect(server.session.state).toBe('OPEN');
    expect(server.ask('TAKE', 1, ack(0)).types.slice(0, 2)).toEqual(['HELLO', 'ACK']);
  });

  it('leave 64 gaps at most, and no more than a window in them', () => {
    const server = new Server();
    const gaps = Array.from({ length: 65 }, (_, i) => data(2 * i + 1, 1));
    expect(server.ask('SEND', 0, ...gaps.slice(0, 64)).refusal).toBeUndefined();
    expect(server.ask('SEND', 0, ...gaps).refusal).toBe('OUT_OF_ORDER');
    const overlapping = new Server({ window: 16_384 });
    const large = (offset: number) => data(offset, ...new Uint8Array(9000));
    expect(overlapping.ask('SEND', 0, large(1), large(2)).refusal).toBe('OUT_OF_ORDER');
  });

  it('of a byte at a time are kept in few pieces while the owner does not read', () => {
    const server = new Server();
    const pieces: number[] = [];
    server.owner.onReceive = (bytes) => void pieces.push(bytes.length);
    server.session.pause();
    const bytes = Array.from({ length: 5000 }, (_, i) => data(i, i % 256));
    server.ask('SEND', 0, ...bytes);
    server.session.resume();
    expect(server.owner.received).toEqual(Array.from({ length: 5000 }, (_, i) => i % 256));
    expect(pieces).toEqual([1024, 1024, 1024, 1024, 904]);
  });

  it.each<[string, boolean | undefined, readonly number[]]>([
    ['the key', true, [...body(head('SEND', 7))]],
    ['the key, and something behind it', true, [...body(head('STREAM', 2 ** 40), data(0, 1, 2, 3)), 99]],
    ['another key', false, [...body(head('SEND', 7, { key: KEY.map((byte) => byte ^ 1) }))]],
    ['another record', false, [...body(done)]],
    ['no record', false, [99]],
    ['a HEAD that is too long', false, [1, 0x40, 200, ...new Uint8Array(60)]],
    ['nothing', undefined, []],
    ['a part of HEAD', undefined, [...body(head('SEND', 7)).subarray(0, -1)]],
  ])('are known by %s at their beginning: %s', (_, isKnown, beginning) => {
    const { session } = new Server();
    expect(session.recognizes(Uint8Array.from(beginning))).toBe(isKnown);
  });

  it('with a wrong key keep nothing alive', () => {
    const server = new Server({ graceTime: 1000 });
    server.pass(999);
    server.request(head('SEND', 0, { key: new Uint8Array(16).fill(9) }), done);
    server.pass(1);
    expect(server.owner.outcome).toBe('LOST');
  });
});
