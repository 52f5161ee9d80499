// Section 9: big messages, many fragments, many writes, many round trips.
import type { Bulk, Case, MessageType } from '../table.ts';
import { closes, echo, filled } from '../words.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** The same message each time: ASCII that is not one repeated byte, so that a lost or moved block shows. */
function message(length: number): Uint8Array {
  const block = filled(length, 0);
  for (let n = 0; n < length; n++) block[n] = 33 + ((n * 7 + (n >> 8)) % 90);
  return block;
}

function row(id: string, title: string, type: MessageType, length: number, more: Partial<Bulk> = {}): Case {
  // Made when the case runs: the table as a whole would hold 150 MiB.
  let made: Uint8Array | undefined;
  const bulk: Bulk = {
    type,
    count: 1,
    name: `${length} bytes`,
    message: () => {
      made ??= message(length);
      return made;
    },
    ...more,
  };
  return { id, title, script: [echo(bulk), ...closes] };
}

function size(bytes: number): string {
  return bytes >= MiB ? `${bytes / MiB} MiB` : bytes >= KiB ? `${bytes / KiB} KiB` : `${bytes} bytes`;
}

const sizes = [64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, 16 * MiB];
const fragments = [64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB];
const chops = [64, 128, 256, 512, KiB, 2 * KiB];
const roundTrips = [0, 16, 64, 256, KiB, 4 * KiB];

function rows(type: MessageType, section: number): Case[] {
  return [
    ...sizes.map((length, n) => row(`9.${section}.${n + 1}`, `${type} of ${size(length)}`, type, length)),
    ...fragments.map((fragment, n) =>
      row(`9.${section + 2}.${n + 1}`, `${type} of 4 MiB in frames of ${size(fragment)}`, type, 4 * MiB, { fragment }),
    ),
    ...chops.map((chop, n) =>
      row(`9.${section + 4}.${n + 1}`, `${type} of 1 MiB in writes of ${size(chop)}`, type, MiB, { chop }),
    ),
    ...roundTrips.map((length, n) =>
      row(`9.${section + 6}.${n + 1}`, `1000 times ${type} of ${size(length)}`, type, length, { count: 1000 }),
    ),
  ];
}

export const limits: readonly Case[] = [...rows('text', 1), ...rows('binary', 2)];
