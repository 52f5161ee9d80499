import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawMember } from '../../src/reading/raw-member.ts';

describe('rawMember', () => {
  it.each([
    ['{"a":1}', '1', 0],
    ['{"a": 12345678901234567890 }', '12345678901234567890', 0],
    ['{"a":1.0e2,"b":2}', '1.0e2', 0],
    ['{"b":"}","a":"x\\"y"}', '"x\\"y"', 0],
    ['{"b":{"a":1},"a":{"c":[1,{"d":2}]}}', '{"c":[1,{"d":2}]}', 3],
    ['{"b":"\\\\","a":null}', 'null', 0],
    [' { "a" : [ ] , "b" : {} } ', '[ ]', 1],
    ['{"\\u0061":true}', 'true', 0],
    ['{"a":1,"a":2}', '2', 0],
    ['{"a":"\\ud800"}', '"\\ud800"', 0],
  ])('cuts the value out of %s', (text, expected, depth) => {
    expect(rawMember(text, 'a')).toEqual({ text: expected, depth });
  });

  it.each(['{}', '[]', '1', '"a"', '{"b":{"a":1}}', '{"b":"\\"a\\":1"}'])('finds nothing in %s', (text) => {
    expect(rawMember(text, 'a')).toBeUndefined();
  });

  it('goes down into members', () => {
    expect(rawMember('{"x":{"a":1},"x":{"b":2,"a":{"a":3}}}', 'x', 'a')?.text).toBe('{"a":3}');
    expect(rawMember('{"x":[{"a":1}]}', 'x', 'a')).toBeUndefined();
  });

  it('takes what JSON.parse takes, of any object', () => {
    const spaced = fc.tuple(fc.object({ withNullPrototype: false }), fc.constantFrom(undefined, 1, '\t'));
    fc.assert(
      fc.property(spaced, fc.string(), fc.jsonValue(), ([object, space], name, value) => {
        const text = JSON.stringify(Object.fromEntries([...Object.entries(object), [name, value]]), undefined, space);
        const parsed: unknown = JSON.parse(text);
        const raw = rawMember(text, name)?.text ?? 'undefined';
        expect(JSON.parse(raw)).toEqual(Object.entries(Object(parsed)).find(([key]) => key === name)?.[1]);
      }),
      { seed: 8259, numRuns: 1000 },
    );
  });
});
