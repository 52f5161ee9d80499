import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { StreamPosition } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { publicationOf } from '../../hub/test/engine-contract/harness.ts';
import { inStore, longRetention as retention, startIn, temporary } from './support/disk.ts';

const support = (name: string) => fileURLToPath(new URL(`support/${name}`, import.meta.url));
const unavailable = { name: 'EngineError', code: 'UNAVAILABLE' };

describe('a directory', () => {
  it('is refused while an engine of this process has it, and while another process has it', async () => {
    const directory = await temporary();
    const message = `The store in ${directory} is in use by another process or engine`;
    const node = await startIn(directory);
    await expect(startIn(directory)).rejects.toMatchObject({ ...unavailable, message });
    await node.engine.stop();
    const other = spawn(process.execPath, [support('publisher.mjs'), directory, '0', 'true'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(other, 'exit');
    await once(other.stdout, 'data');
    other.stdout.resume();
    await expect(startIn(directory)).rejects.toMatchObject({ ...unavailable, message });
    other.kill('SIGKILL');
    await ended;
    await startIn(directory);
  });

  it('that is damaged is refused with what can be done', async () => {
    const directory = await temporary();
    await (await startIn(directory)).engine.stop();
    await writeFile(join(directory, 'CURRENT'), 'nothing');
    await expect(startIn(directory)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/is damaged: .*put back a copy of the directory, or move it away/),
    });
  });

  it('of a format that is not known is refused', async () => {
    const directory = await temporary();
    const state = { format: 99, generation: 0, boot: '', isSafe: true };
    await inStore(directory, (level) => level.put('m!state', JSON.stringify(state)));
    await expect(startIn(directory)).rejects.toMatchObject({ ...unavailable, message: expect.stringContaining('99') });
  });

  it('that cannot be made is an error that says so', async () => {
    const directory = join(await temporary(), 'file');
    await writeFile(directory, '');
    await expect(startIn(join(directory, 'inside'))).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('must be a directory'),
    });
  });
});

describe('a hole in a stream', () => {
  it('is not passed over: what is before it is missing', async () => {
    const directory = await temporary();
    const node = await startIn(directory);
    const positions: (StreamPosition | undefined)[] = [];
    for (let i = 1; i <= 6; i++)
      positions.push((await node.engine.publish('a', publicationOf(`${i}`), { retention })).position);
    await node.engine.stop();
    await inStore(directory, async (level) => {
      const [, , third = ''] = await level.keys({ gte: 'p!', lt: 'p"' }).all();
      await level.del(third);
    });
    const again = await startIn(directory);
    const read = async (i: number) => {
      const history = await again.engine.history('a', retention, { since: positions[i] });
      return [history.isComplete, history.publications.map(({ publication }) => JSON.parse(publication.data))];
    };
    expect(await read(0)).toEqual([false, ['4', '5', '6']]);
    expect(await read(1)).toEqual([false, ['4', '5', '6']]);
    expect(await read(2)).toEqual([true, ['4', '5', '6']]);
  });
});

describe('a disk that takes no more', () => {
  it('rejects publications, tells nothing of them, and goes on when it can', async () => {
    const directory = await temporary();
    // A file that may not grow is refused as a full disk is.
    const limited = `trap '' XFSZ; ulimit -f 1024; exec "$0" "$@"`;
    const child = spawn('sh', ['-c', limited, process.execPath, support('filler.mjs'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(status).toBe(0);
    const said = JSON.parse(output);
    expect(said.failure).toMatchObject(unavailable);
    expect(said.acknowledged.length).toBeGreaterThan(5);
    expect(said.toldBefore).toEqual(said.acknowledged);
    expect(said.interruptions).toBe(1);
    expect(said.told).toEqual([...said.acknowledged, 'last']);
    // The one that was rejected may be there or not.
    const kept = said.kept.filter((count: unknown) => count !== said.acknowledged.length);
    expect(kept).toEqual([...said.acknowledged, 'last']);
    expect(said.isComplete).toBe(true);
  });
});
