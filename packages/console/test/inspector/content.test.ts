import { describe, expect, it } from 'vitest';
import { readContent, writeContent } from '../../src/inspector/content.ts';
import { describeRule } from '../../src/inspector/rule-words.ts';

describe('what a person writes', () => {
  it('is sent as it is written, if it is text or JSON', () => {
    expect(readContent('text', ' {')).toEqual({ data: ' {' });
    expect(readContent('json', '{ "a": 1 }')).toEqual({ data: '{ "a": 1 }' });
    expect(typeof readContent('json', '{')).toBe('string');
  });

  it('is bytes if it is hexadecimal', () => {
    expect(readContent('hex', '00 ff\n10')).toEqual({ bytes: 'AP8Q' });
    expect(readContent('hex', '0')).toContain('pairs of hexadecimal digits');
  });

  it('is a payload again that was written out for it', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    const { format, text } = writeContent(bytes);
    expect(readContent(format, text)).toEqual({ bytes: Buffer.from(bytes).toString('base64') });
    expect(writeContent('Grüße')).toEqual({ format: 'text', text: 'Grüße' });
  });
});

describe('a rule in words', () => {
  it('says what it does, and to which messages', () => {
    const match = { direction: 'toServer', opcodes: [1], text: 'join', connection: 3 } as const;
    expect(describeRule({ id: 1, isOn: true, match, action: { type: 'hold' }, share: 0.5 })).toBe(
      'Hold 50 % of text messages to the server of connection #3 with “join”',
    );
    expect(describeRule({ id: 1, isOn: true, match: {}, action: { type: 'delay', by: 200 } })).toBe(
      'Delay messages by 200 ms',
    );
    const sized = { pattern: '^a', minLength: 10 };
    expect(describeRule({ id: 1, isOn: true, match: sized, action: { type: 'close', code: 1011, reason: '' } })).toBe(
      'Close with 1011 upon messages that match /^a/ of 10 bytes or more',
    );
  });
});
