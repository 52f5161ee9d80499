import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { longRetention, startIn, temporary } from './support/disk.ts';

const publisher = fileURLToPath(new URL('support/publisher.mjs', import.meta.url));

/** What was told or acknowledged: the data by channel, epoch and offset. */
type Known = Map<string, string>;

/** Numbers from 0 to 1 that a seed decides (xorshift). */
function randomsOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Runs the publisher, and kills it.
 * @param lines it is killed after so many of them; 0: at a random moment from its start on
 */
async function publishAndDie(
  directory: string,
  run: string,
  sync: boolean,
  lines: number,
  delay: number,
  known: Known,
) {
  const child = spawn(process.execPath, [publisher, directory, run, String(sync)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let count = 0;
  const kill = () => child.kill('SIGKILL');
  if (lines === 0) setTimeout(kill, delay);
  const reader = createInterface({ input: child.stdout });
  const read = once(reader, 'close');
  reader.on('line', (line) => {
    // The last line may have been cut.
    const [event, channel, epoch, offset, data] = line.split(' ');
    if (data === undefined || !data.endsWith('"')) return;
    expect(['told', 'acknowledged']).toContain(event);
    const place = `${channel} ${epoch} ${offset}`;
    expect(known.get(place) ?? data, `two publications at ${place}`).toBe(data);
    known.set(place, data);
    if (++count === lines) setTimeout(kill, delay);
  });
  const [, signal] = await ended;
  expect(signal).toBe('SIGKILL');
  await read;
}

describe.each([
  { sync: true, kills: 20 },
  { sync: false, kills: 8 },
])('a process that is killed $kills times, with sync $sync,', ({ sync, kills }) => {
  it('has lost nothing that it has acknowledged or told, and gives no offset twice', { timeout: 300_000 }, async () => {
    const seed = Date.now() & 0x7fffffff;
    console.log(`Killed by the seed ${seed}`);
    const random = randomsOf(seed);
    const directory = await temporary();
    const known: Known = new Map();
    for (let run = 0; run < kills; run++) {
      const lines = random() < 0.2 ? 0 : 1 + Math.floor(random() * 500);
      await publishAndDie(directory, `${run}`, sync, lines, random() * (lines === 0 ? 400 : 20), known);
      const node = await startIn(directory, { sync });
      const found = new Set<string>();
      for (const channel of ['a', 'b', 'c']) {
        const { publications, position } = await node.engine.history(channel, longRetention);
        expect(publications.map(({ offset }) => offset)).toEqual(publications.map((_each, i) => i + 1));
        expect(position.offset).toBe(publications.length);
        for (const { publication, offset } of publications) {
          const place = `${channel} ${position.epoch} ${offset}`;
          found.add(place);
          expect(known.get(place) ?? publication.data, `at ${place}`).toBe(publication.data);
        }
        const last = publications.at(-1);
        if (last === undefined) continue;
        const again = { retention: longRetention, idempotencyKey: JSON.parse(last.publication.data) };
        const answer = await node.engine.publish(channel, last.publication, again);
        expect(answer).toEqual({ position, isDuplicate: true });
      }
      expect([...known.keys()].filter((place) => !found.has(place))).toEqual([]);
      await node.engine.stop();
    }
    expect(known.size).toBeGreaterThan(100);
  });
});
