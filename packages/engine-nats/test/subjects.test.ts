import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChannel, encodeChannel, encodePrefix } from '../src/subjects.ts';

describe('the subject of a channel', () => {
  it('says which channel it is, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (channel) => {
        expect(decodeChannel(encodeChannel(channel))).toBe(channel);
      }),
    );
  });

  it('has only tokens that the server takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (channel) => {
        expect(encodeChannel(channel)).toMatch(/^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$/);
      }),
    );
  });

  it('begins with that of its prefixes', () => {
    expect(encodeChannel('chat:room.1:*')).toBe('chat.room=002E1.=002A');
    expect(encodePrefix('chat:room.1:')).toBe('chat.room=002E1.>');
    expect(encodeChannel('a::')).toBe('a.=.=');
  });

  it('is not one that was written otherwise', () => {
    for (const subject of ['=002', '=0061', 'a.=probe', '=00e9', 'a..b'])
      expect(decodeChannel(subject)).toBeUndefined();
  });

  it('is refused when it is longer than a line of the protocol allows', () => {
    expect(() => encodeChannel('a'.repeat(2001))).toThrowError(expect.objectContaining({ code: 'TOO_LARGE' }));
  });
});
