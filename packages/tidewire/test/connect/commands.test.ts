import { describe, expect, test } from 'vitest';
import { type Command, parseCommand } from '../../src/connect/commands.ts';
import { formatSize, hexDump, parseHex, visible } from '../../src/connect/format.ts';

describe('a line at the prompt', () => {
  test.each<[line: string, command: Command]>([
    ['hello', { type: 'text', text: 'hello' }],
    [' /ping', { type: 'text', text: ' /ping' }],
    ['//ping', { type: 'text', text: '/ping' }],
    ['///', { type: 'text', text: '//' }],
    ['/ping', { type: 'ping', payload: undefined }],
    ['/ping are you there', { type: 'ping', payload: 'are you there' }],
    ['/binary 00 fF7f', { type: 'binary', bytes: Uint8Array.of(0, 255, 127) }],
    ['/binary', { type: 'binary', bytes: new Uint8Array() }],
    ['/file  a b.png ', { type: 'file', path: 'a b.png' }],
    ['/close', { type: 'close', code: undefined, reason: '' }],
    ['/close 4001', { type: 'close', code: 4001, reason: '' }],
    ['/close 1000 that was  all', { type: 'close', code: 1000, reason: 'that was  all' }],
    ['/help', { type: 'help' }],
  ])('%j is understood', (line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });

  test.each([
    ['/', /^\/ is not a command/],
    ['/pong', /\/pong is not a command: see \/help/],
    ['/binary 0', /pairs of hexadecimal digits/],
    ['/binary zz', /pairs of hexadecimal digits/],
    ['/file', /needs the path/],
    ['/close 1001', /1000, or one from 3000 to 4999/],
    ['/close 5000', /1000, or one from 3000 to 4999/],
    ['/close now', /1000, or one from 3000 to 4999/],
    ['/close 1e3', /1000, or one from 3000 to 4999/],
  ])('%j is a mistake, and the answer says what would be right', (line, problem) => {
    expect(parseCommand(line)).toEqual({ type: 'mistake', problem: expect.stringMatching(problem) });
  });
});

describe('what a peer sent, on a screen,', () => {
  test('shows bytes with their offsets and as text', () => {
    expect(hexDump(Uint8Array.from({ length: 18 }, (_, index) => 0x5b + index * 3))).toBe(
      '00000000  5b 5e 61 64 67 6a 6d 70 73 76 79 7c 7f 82 85 88  [^adgjmpsvy|....\n' +
        '00000010  8b 8e                                            ..',
    );
    expect(hexDump(new Uint8Array())).toBe('');
  });

  test('reads hexadecimal digits back', () => {
    expect(parseHex('0001 ff')).toEqual(Uint8Array.of(0, 1, 255));
    expect(parseHex('0x00')).toBeUndefined();
  });

  test('has no power over the terminal', () => {
    expect(visible('\x1b[2J\x07\x9b31m\r\x7f')).toBe('\\x1b[2J\\x07\\x9b31m\\x0d\\x7f');
    expect(visible('\u202eevil\u2028')).toBe('\\u202eevil\\u2028');
    expect(visible('tab\tline\nGrüße 🌊')).toBe('tab\tline\nGrüße 🌊');
  });

  test('has a size in the unit that fits', () => {
    expect([0, 1023, 1024, 1536, 1048575, 1048576].map(formatSize)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '1024.0 KiB',
      '1.0 MiB',
    ]);
  });
});
