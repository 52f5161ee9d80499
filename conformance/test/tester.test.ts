// The tester is tested, too: what is wrong must not pass, and the table must be whole.
import { afterEach, describe, expect, it } from 'vitest';
import { pings } from '../src/cases/2-pings.ts';
import { reservedBits } from '../src/cases/3-reserved-bits.ts';
import { opcodes } from '../src/cases/4-opcodes.ts';
import { fragmentation } from '../src/cases/5-fragmentation.ts';
import { firstBadByte } from '../src/cases/6-utf8-sequences.ts';
import { closing } from '../src/cases/7-close.ts';
import { allCases } from '../src/cases/index.ts';
import { Compressor, Decompressor } from '../src/deflate.ts';
import { startClientUnderTest } from '../src/peers.ts';
import type { Case } from '../src/table.ts';
import { runAgainstClient, runAgainstServer } from '../src/tester.ts';
import { close, closes, getClose, getText, send, text } from '../src/words.ts';
import { parrot, startWrongServer, type WrongServer } from './wrong-peers.ts';

/** Wrong peers are waited for in vain. */
const patience = 200;

let server: WrongServer | undefined;
afterEach(() => server?.stop());

const failing = (cases: readonly Case[]): readonly Case[] =>
  cases.filter(({ script }) => script.some((step) => step.do === 'fails' && step.rest === undefined));

describe('a server that sends everything back unchecked', () => {
  it.each(
    failing([...pings, ...reservedBits, ...opcodes, ...fragmentation, ...closing]).map((one) => [one.id, one] as const),
  )('is FAILED in %s', async (_, one) => {
    server = await startWrongServer(parrot);
    expect((await runAgainstServer(server, one, patience)).verdict).toBe('FAILED');
  });

  it('is FAILED even where only the end of the stream is missing', async () => {
    server = await startWrongServer((socket, chunk) => {
      if ((chunk.readUInt8(0) & 15) === 8) parrot(socket, chunk);
    });
    const result = await runAgainstServer(server, { id: '0', title: '', script: closes }, patience);
    expect(result).toMatchObject({ verdict: 'FAILED', why: 'wanted the end of the stream, got nothing' });
  });
});

describe('other wrong servers', () => {
  const answers = async (bytes: readonly number[], end: 'end' | 'reset' | 'open', one: Case): Promise<unknown> => {
    server = await startWrongServer((socket) => {
      socket.write(Buffer.from(bytes), () => {
        if (end === 'end') socket.end();
        if (end === 'reset') socket.resetAndDestroy();
      });
    });
    const { verdict, why } = await runAgainstServer(server, one, patience);
    return `${verdict}: ${why}`;
  };
  const row = (id: string): Case => {
    const found = allCases.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no row ${id}`);
    return found;
  };
  const hello: Case = { id: '0', title: '', script: [send(text('x')), getText('x')] };
  const goodbye: Case = { id: '0', title: '', script: [send(close(1000)), getClose(1000), { do: 'ends' }] };

  it('that mask are FAILED', async () => {
    expect(await answers([0x81, 0x81, 0, 0, 0, 0, 0x78], 'open', hello)).toContain('FAILED');
  });

  it('that use a length longer than needed are FAILED', async () => {
    expect(await answers([0x81, 126, 0, 1, 0x78], 'open', hello)).toContain('not in its shortest form');
  });

  it('that send text that is not UTF-8 are FAILED', async () => {
    expect(await answers([0x81, 1, 0xff], 'open', hello)).toContain('FAILED');
  });

  it('that close with a code that is not allowed are FAILED', async () => {
    expect(await answers([0x88, 2, 3, 0xed], 'end', goodbye)).toContain('a Close frame with code 1005');
  });

  it('that compress without having agreed to are FAILED', async () => {
    expect(await answers([0xc1, 1, 0x78], 'open', hello)).toContain('reserved bits');
  });

  it('that say more than they should are FAILED', async () => {
    expect(await answers([0x88, 2, 3, 0xe8, 0x88, 0], 'end', goodbye)).toContain('got Close without a code');
  });

  it('that reset the connection after their Close are FAILED', async () => {
    expect(await answers([0x88, 2, 3, 0xea], 'reset', row('3.1'))).toContain('FAILED');
  });

  it('that fail the connection without the echo that was due are NON-STRICT', async () => {
    expect(await answers([0x88, 2, 3, 0xea], 'end', row('3.2'))).toContain('NON-STRICT: wanted text');
  });

  it('that end the stream without a Close frame are NON-STRICT where that is tolerated', async () => {
    expect(await answers([], 'end', row('7.9.1'))).toContain('NON-STRICT: it ended the stream without');
    server?.stop();
    expect(await answers([], 'end', row('3.1'))).toContain('FAILED');
  });

  it('that notice bad UTF-8 only at the end of the message are NON-STRICT', async () => {
    let received = 0;
    server = await startWrongServer((socket, chunk) => {
      received += chunk.length;
      if (received === 6 + 21) socket.end(Buffer.from([0x88, 2, 3, 0xef]));
    });
    expect(await runAgainstServer(server, row('6.4.4'), patience)).toMatchObject({
      verdict: 'NON-STRICT',
      why: 'it failed the connection only when more had come',
    });
  });
});

describe('the client under test, taken for wrong', () => {
  it('is FAILED when another echo is wanted than it can give', async () => {
    const one: Case = { id: '0', title: '', script: [send(text('x')), getText('y')] };
    expect(await runAgainstClient(startClientUnderTest, one)).toMatchObject({ verdict: 'FAILED' });
  });

  it('is FAILED when it should not have opened', async () => {
    const one: Case = { id: '0', title: '', opening: { outcome: { refused: [] } }, script: [] };
    expect(await runAgainstClient(startClientUnderTest, one)).toMatchObject({
      verdict: 'FAILED',
      why: 'the client took the handshake',
    });
  });
});

describe('the table', () => {
  it('has each number once', () => {
    const ids = allCases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has all 517 cases of Autobahn', () => {
    const sections = new Map<string, number>();
    for (const { id } of allCases) {
      const section = id.split('.')[0] ?? '';
      sections.set(section, (sections.get(section) ?? 0) + 1);
    }
    const wanted = { 1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1, 12: 90, 13: 126 };
    for (const [section, count] of Object.entries(wanted))
      expect([section, sections.get(section)]).toEqual([section, count]);
    expect(Object.values(wanted).reduce((sum, count) => sum + count)).toBe(517);
  });
});

describe('what the tester brings', () => {
  it('finds the first byte that no UTF-8 can have there', () => {
    expect(firstBadByte(Buffer.from('grün €'))).toBeUndefined();
    expect(firstBadByte(Buffer.from('61e282', 'hex'))).toBeUndefined();
    expect(firstBadByte(Buffer.from('61eda080', 'hex'))).toBe(3);
    expect(firstBadByte(Buffer.from('61c0', 'hex'))).toBe(2);
    expect(firstBadByte(Buffer.from('f4908080', 'hex'))).toBe(2);
  });

  it('notices a reference that leaves the agreed window', () => {
    const noise = Uint8Array.from({ length: 3000 }, (_, n) => (Math.imul(n % 700, 2654435761) >>> 13) & 255);
    const compressed = new Compressor({ windowBits: 12, contextTakeover: true }).compress(noise);
    const inflate = (windowBits: number): Buffer =>
      new Decompressor({ windowBits, contextTakeover: true }).inflate(compressed);
    expect(inflate(12)).toEqual(Buffer.from(noise));
    expect(() => inflate(8)).toThrow();
  });
});
