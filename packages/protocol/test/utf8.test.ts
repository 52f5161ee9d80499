import { describe, expect, it } from 'vitest';
import { CONTINUATION, Endpoint, frame, TEXT } from './support.ts';

const valid: [string, number[]][] = [
  ['U+0000', [0x00]],
  ['U+007F', [0x7f]],
  ['U+0080', [0xc2, 0x80]],
  ['U+07FF', [0xdf, 0xbf]],
  ['U+0800', [0xe0, 0xa0, 0x80]],
  ['U+D7FF', [0xed, 0x9f, 0xbf]],
  ['U+E000', [0xee, 0x80, 0x80]],
  ['U+FEFF', [0xef, 0xbb, 0xbf]],
  ['U+FFFF', [0xef, 0xbf, 0xbf]],
  ['U+10000', [0xf0, 0x90, 0x80, 0x80]],
  ['U+10FFFF', [0xf4, 0x8f, 0xbf, 0xbf]],
];

/** Each with how many of its bytes are still possible: the one after these must fail the connection. */
const invalid: [string, number[], number][] = [
  ['a lone continuation byte', [0x80], 0],
  ['an overlong form of two bytes', [0xc1, 0x81], 0],
  ['an overlong form of three bytes', [0xe0, 0x9f, 0xbf], 1],
  ['an overlong form of four bytes', [0xf0, 0x8f, 0xbf, 0xbf], 1],
  ['a surrogate', [0xed, 0xa0, 0x80], 1],
  ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 1],
  ['a first byte of F5', [0xf5, 0x80, 0x80, 0x80], 0],
  ['a first byte of FF', [0xff], 0],
  ['a second byte that is ASCII', [0xc3, 0x28], 1],
  ['a third byte that is a first one', [0xe2, 0x82, 0xc2], 2],
  ['a fourth byte that is ASCII', [0xf0, 0x9f, 0x8c, 0x41], 3],
];

describe('text', () => {
  it.each(valid)('%s is delivered, cut between any two bytes', (_, character) => {
    const bytes = Buffer.from([...Buffer.from('some ASCII before'), ...character, 0x2e, ...character]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const server = new Endpoint('server');
      server.receive(frame(TEXT, bytes.subarray(0, cut), { fin: false }), frame(CONTINUATION, bytes.subarray(cut)));
      expect(server.messages).toEqual([bytes.toString()]);
    }
  });

  it.each(invalid)(
    '%s fails at the first byte that cannot be, with the frame still incomplete',
    (_, character, possible) => {
      const before = Buffer.from('κόσμε');
      for (const fin of [false, true]) {
        const server = new Endpoint('server');
        const input = frame(TEXT, Buffer.concat([before, Buffer.from(character), Buffer.alloc(100, 'x')]), { fin });
        const payloadAt = input.length - 100 - character.length - before.length;
        const untilBad = payloadAt + before.length + possible;
        for (let at = 0; at < untilBad; at++) server.receive(input[at] ?? 0);
        expect(server.connection.state).toBe('OPEN');
        server.receive(input[untilBad] ?? 0);
        expect(server.connection.state).toBe('FAILED');
        expect(server.takeOutput()).toEqual([0x88, 2, 3, 1007 & 255]);
        expect(server.messages).toEqual([]);
      }
    },
  );

  it.each(invalid)('%s fails in one chunk as well', (_, character) => {
    const server = new Endpoint('server');
    server.receive(frame(TEXT, Buffer.from(character)));
    server.connection.gone();
    expect(server.close).toMatchObject({ code: 1007, error: { code: 'INVALID_UTF8' } });
  });

  it('fails when it ends in the middle of a character', () => {
    for (const input of [
      [frame(TEXT, Uint8Array.of(0xe2, 0x82))],
      [frame(TEXT, Uint8Array.of(0xe2), { fin: false }), frame(CONTINUATION, Uint8Array.of(0x82))],
      [frame(TEXT, Uint8Array.of(0xe2, 0x82), { fin: false }), frame(CONTINUATION)],
    ]) {
      const server = new Endpoint('server');
      server.receive(...input);
      expect(server.connection.state).toBe('FAILED');
    }
  });

  it('fails for ASCII in the middle of a character', () => {
    const server = new Endpoint('server');
    server.receive(frame(TEXT, Uint8Array.of(0xe2, 0x82), { fin: false }), frame(CONTINUATION, 'abc', { fin: false }));
    expect(server.connection.state).toBe('FAILED');
  });

  it('takes long text in pieces, ASCII or not', () => {
    const server = new Endpoint('server');
    const text = `${'a'.repeat(300)}é${'b'.repeat(300)}`;
    const bytes = Buffer.from(text);
    for (const cut of [150, 301, 302, 400]) {
      server.receive(frame(TEXT, bytes.subarray(0, cut), { fin: false }), frame(CONTINUATION, bytes.subarray(cut)));
    }
    expect(server.messages).toEqual([text, text, text, text]);
  });

  it('starts afresh with each message', () => {
    const server = new Endpoint('server');
    for (let i = 0; i < 3; i++) {
      server.receive(frame(TEXT, Uint8Array.of(0xe2, 0x82), { fin: false }), frame(CONTINUATION, Uint8Array.of(0xac)));
    }
    expect(server.messages).toEqual(['€', '€', '€']);
  });
});
