import { readFileSync } from 'node:fs';
import { BodyWriter, RecordReader, type TunnelRecord } from '@tidewire/tunnel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ack, body, data, done, end, head, KEY } from './support.ts';

const read = (bytes: Uint8Array) => {
  const reader = new RecordReader();
  return { records: reader.push(bytes), reader };
};
const comparable = (record: TunnelRecord) => ({
  ...record,
  ...('bytes' in record && { bytes: [...record.bytes] }),
  ...('key' in record && { key: [...record.key] }),
});

const every: TunnelRecord[] = [
  head('WAIT', 77),
  { type: 'HELLO', version: 1 },
  ack(3, 2 ** 53 - 1),
  data(2 ** 31, 1, 2, 3),
  end(63),
  { type: 'RESET' },
  { type: 'ALIVE' },
  { type: 'PROOF' },
  done,
];

describe('records', () => {
  it('come out as they went in, cut anywhere', () => {
    const bytes = body(...every);
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new RecordReader();
      const records: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        const chunk = bytes.slice(at, at + size);
        records.push(...reader.push(chunk).map(comparable));
        chunk.fill(0xff);
      }
      expect(records).toEqual(every.map(comparable));
      expect([reader.isWhole, reader.isMalformed]).toEqual([true, false]);
    }
  });

  it('of a body that was cut off are those that are whole', () => {
    const bytes = body(...every);
    for (let length = 0; length < bytes.length; length++) {
      const { records, reader } = read(bytes.subarray(0, length));
      expect(records.map(comparable)).toEqual(every.slice(0, records.length).map(comparable));
      expect([reader.isWhole, reader.isMalformed]).toEqual([false, false]);
    }
  });

  it.each([0, 63, 64, 16_383, 16_384, 2 ** 30 - 1, 2 ** 30, 2 ** 32, 2 ** 53 - 1])('can say %d', (number) => {
    expect(read(body(ack(number, 0))).records).toEqual([ack(number, 0)]);
  });

  it('with 16,384 bytes of data are the longest', () => {
    const longest = data(2 ** 52, ...new Uint8Array(16_384));
    expect(read(body(longest)).records).toHaveLength(1);
    expect(read(body(data(0, ...new Uint8Array(16_385)))).reader.isMalformed).toBe(true);
  });

  it('know the length of a body before it is made', () => {
    const writer = new BodyWriter().add(done).add(ack(70));
    expect(writer.bytes()).toHaveLength(writer.length);
  });
});

const hex = (text: string) => Uint8Array.from(text.split(' ').map((byte) => Number.parseInt(byte, 16)));

describe('what is no record', () => {
  it.each([
    ['type 0', '00 00'],
    ['an unknown type', '0a 00'],
    ['HTML', '3c 21 44 4f'],
    ['a length of 2^62 − 1', '04 ff ff ff ff ff ff ff ff'],
    ['a length of 2^53', '04 c0 20 00 00 00 00 00 00'],
    ['a length beyond the longest', '04 80 00 40 09'],
    ['an ALIVE with a payload', '07 01 00'],
    ['a HELLO of somebody else', '02 04 48 54 54 50'],
    ['a short HELLO', '02 03 54 57 54'],
    ['an ACK with one number', '03 01 00'],
    ['an ACK with more than two numbers', '03 03 00 00 00'],
    ['an ACK with a cut number', '03 02 00 40'],
    ['an ACK beyond 2^53', '03 09 c0 20 00 00 00 00 00 00 00'],
    ['an empty ACK', '03 00'],
    ['DATA without bytes', '04 01 00'],
    ['DATA without an offset', '04 00'],
    ['DATA that ends beyond 2^53', '04 09 c0 1f ff ff ff ff ff ff 00'],
    ['an END at 2^53 − 1', '05 08 c0 1f ff ff ff ff ff ff'],
    ['an END without an offset', '05 00'],
    ['an END with two numbers', '05 02 00 00'],
    ['an empty HEAD', '01 00'],
    ['a HEAD with an unknown mode', `01 14 01 04 01 00 ${'00 '.repeat(16).trim()}`],
    ['a HEAD with one number', `01 13 01 00 01 ${'00 '.repeat(16).trim()}`],
    ['something after DONE', '09 00 09 00'],
  ])('%s is malformed, and nothing after it is read', (_, text) => {
    const { records, reader } = read(hex(text));
    expect(records.length).toBe(text.startsWith('09') ? 1 : 0);
    expect([reader.isMalformed, reader.isWhole]).toEqual([true, false]);
    expect(reader.push(body(done))).toEqual([]);
  });

  it('never throws, and keeps what stood before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (junk) => {
        const reader = new RecordReader();
        const records = [...reader.push(body(ack(1))), ...reader.push(junk)];
        expect(records[0]).toEqual(ack(1));
      }),
      { seed: 20_261_121, numRuns: 2000 },
    );
  });
});

describe('PROTOCOL.md', () => {
  const text = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
  const lines = [...text.matchAll(/^(?:request| answer|answer| {4,7}) +((?:[0-9a-f]{2} )+) +([A-Z]+)([ A-Z0-9]*)$/gm)];

  it('has examples that are what it says they are', () => {
    expect(lines.length).toBe(21);
    for (const [, bytes = '', type, values = ''] of lines) {
      const { records, reader } = read(hex(bytes.trim()));
      expect(reader.isMalformed).toBe(false);
      expect(records).toHaveLength(1);
      const [record] = records;
      expect(record?.type).toBe(type);
      const said = values.trim() === '' ? [] : values.trim().split(' ');
      if (record?.type === 'ACK') expect([record.received, record.limit].map(String)).toEqual(said);
      if (record?.type === 'HEAD') expect([record.mode, String(record.number)]).toEqual(said);
      if (record?.type === 'DATA' || record?.type === 'END') expect([String(record.offset)]).toEqual(said);
    }
  });

  it('gives the key of its opening in its requests', () => {
    const key = /"key": "([0-9a-f]{32})"/.exec(text)?.[1] ?? '';
    const heads = lines
      .flatMap(([, bytes = '']) => read(hex(bytes.trim())).records)
      .filter(({ type }) => type === 'HEAD');
    expect(heads).toHaveLength(3);
    for (const each of heads) expect('key' in each && Buffer.from(each.key).toString('hex')).toBe(key);
    expect(KEY).toHaveLength(16);
  });
});
