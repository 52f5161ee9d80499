import { type ProtobufField, protobufDecoder, readProtobuf, shownProtobuf } from '@tidewire/codecs';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { anyBytes, anyText, parameters } from './support/arbitrary.ts';

// protobufjs writes with a schema, we read without.

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Tide {
    int64 height = 1; sint64 change = 2; bool rises = 3; string place = 4; bytes raw = 5;
    double speed = 6; float angle = 7; fixed32 count = 8; sfixed64 offset = 9; repeated Tide inner = 10;
  }`);
const tide = root.lookupType('Tide');
const written = (value: object) => Uint8Array.from(tide.encode(tide.create(value)).finish());
const find = (fields: readonly ProtobufField[] | undefined, number: number) =>
  fields?.find((field) => field.number === number);

describe('protobuf without a schema', () => {
  it(`has the value that was written among its readings (SEED=${parameters.seed})`, () => {
    const value = fc.record({
      height: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      change: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      place: anyText,
      raw: anyBytes,
      speed: fc.double({ noNaN: true }),
      count: fc.nat(),
    });
    fc.assert(
      fc.property(value, (each) => {
        const { value: fields, problem } = readProtobuf(
          written({ ...each, rises: true, inner: [{ height: each.height, rises: true }] }),
        );
        expect(problem).toBeUndefined();
        if (each.height !== 0)
          expect(find(fields, 1)).toMatchObject({ wireType: 'varint', signed: BigInt(each.height) });
        if (each.change !== 0) expect(find(fields, 2)).toMatchObject({ zigzag: BigInt(each.change) });
        expect(find(fields, 3)).toMatchObject({ bool: true });
        if (each.raw.length > 0)
          expect(find(fields, 5)).toMatchObject({ wireType: 'length-delimited', bytes: each.raw });
        if (each.speed !== 0) expect(find(fields, 6)).toMatchObject({ wireType: 'fixed64', float: each.speed });
        if (each.count !== 0)
          expect(find(fields, 8)).toMatchObject({ wireType: 'fixed32', unsigned: BigInt(each.count) });
        const inner = find(fields, 10);
        expect(inner?.wireType === 'length-delimited' && inner.message?.at(-1)).toMatchObject({
          number: 3,
          bool: true,
        });
      }),
      parameters,
    );
  });

  it('shows readings that differ, and no more', () => {
    const { value = [] } = readProtobuf(
      written({ height: -1, rises: true, place: 'Husum', raw: new Uint8Array([0, 255]), angle: 0.5 }),
    );
    expect(shownProtobuf(value)).toEqual([
      {
        field: 1,
        wireType: 'varint',
        unsigned: { $bigint: '18446744073709551615' },
        signed: -1,
        zigzag: { $bigint: '-9223372036854775808' },
      },
      { field: 3, wireType: 'varint', unsigned: 1, zigzag: -1, bool: true },
      { field: 4, wireType: 'length-delimited', text: 'Husum' },
      { field: 5, wireType: 'length-delimited', bytes: { $bytes: '00ff' } },
      { field: 7, wireType: 'fixed32', unsigned: 1056964608, float: 0.5 },
    ]);
  });

  it('reads groups', () => {
    expect(readProtobuf(Uint8Array.of(0x0b, 0x10, 0x01, 0x0c)).value).toMatchObject([
      { wireType: 'group', number: 1, fields: [{ number: 2, unsigned: 1n }] },
    ]);
  });

  it.each([
    ['empty', []],
    ['does not end', [0x08, 0x80]],
    ['does not end', [0x0b]],
    ['not begun', [0x0c]],
    ['wire type', [0x0e]],
    ['number', [0x00]],
    ['longer', [0x0a, 0x05, 0x00]],
    ['longer', [0x0d, 0x00]],
    ['longer', [0x09, 0x00]],
    ['groups deeper', new Array(200).fill(0x0b)],
    ['more than 10000', new Array(20_002).fill(0).map((_, i) => (i % 2 === 0 ? 0x08 : 0))],
  ])('says what is wrong: %s', (problem, bytes) => {
    expect(readProtobuf(Uint8Array.from(bytes)).problem).toContain(problem);
  });

  it('takes every prefix and every bytes without a throw', () => {
    const bytes = written({ height: 300, place: 'Husum', inner: [{ count: 5 }] });
    for (let end = 0; end < bytes.length; end++) readProtobuf(bytes.subarray(0, end));
    fc.assert(
      fc.property(anyBytes, (each) => void protobufDecoder.create().decode(each, 'toServer')),
      parameters,
    );
  });

  it('leaves enough for what is behind bytes that are many fields by chance', () => {
    const many = new Uint8Array(30_000).map((_, i) => (i % 2 === 0 ? 0x08 : 0));
    const { value } = readProtobuf(written({ raw: many, count: 7 }));
    expect(find(value, 8)).toMatchObject({ unsigned: 7n });
  });
});
