import type { HistoryOptions, HistoryResult, PublicationContext } from 'centrifuge';
import { describe, expect, it } from 'vitest';
import { PhotoFetch } from '../../src/chat/photo-fetch.ts';

/** A history as the hub has it: from a position on, one after the other. */
function stream(offsets: readonly number[], epoch = 'a') {
  const asked: HistoryOptions[] = [];
  const state = { offsets: [...offsets], epoch, isCut: false };
  const history = async (options: HistoryOptions): Promise<HistoryResult> => {
    asked.push(options);
    if (state.isCut) throw { code: 2, message: 'transport closed' };
    const { since, limit = 0 } = options;
    if (since !== undefined && since.epoch !== state.epoch) throw { code: 112, message: 'unrecoverable position' };
    const publications = state.offsets
      .filter((offset) => offset > (since?.offset ?? 0))
      .slice(0, limit)
      .map((offset): PublicationContext => ({ channel: 'photo:lobby', data: {}, offset }));
    return { publications, offset: state.offsets.at(-1) ?? 0, epoch: state.epoch };
  };
  return { asked, state, history };
}

function fetching(source: ReturnType<typeof stream>) {
  const came: string[] = [];
  let line: Promise<void> = Promise.resolve();
  const inLine = (task: () => Promise<void>) => {
    line = line.then(task);
  };
  const fetch = new PhotoFetch(source, inLine, (epoch, { offset }) => came.push(`${epoch}${offset}`));
  return { fetch, came, done: () => line };
}

describe('the photos of a room', () => {
  it('come one by one, once somebody looks', async () => {
    const source = stream([3, 4, 5]);
    const { fetch, came, done } = fetching(source);
    fetch.begin();
    await done();
    expect(source.asked).toEqual([]);
    fetch.want();
    await done();
    expect(came).toEqual(['a3', 'a4', 'a5']);
    expect(source.asked.every(({ limit }) => limit === 1)).toBe(true);
  });

  it('come from where they were after the connection was lost', async () => {
    const source = stream([1]);
    const { fetch, came, done } = fetching(source);
    fetch.want();
    fetch.begin();
    await done();
    source.state.offsets.push(2);
    fetch.came({ epoch: 'a', offset: 2 });
    source.state.offsets.push(3, 4);
    fetch.begin();
    await done();
    expect(came).toEqual(['a1', 'a3', 'a4']);
  });

  it('are asked for again when the connection was lost meanwhile', async () => {
    const source = stream([1, 2]);
    const { fetch, came, done } = fetching(source);
    source.state.isCut = true;
    fetch.want();
    fetch.begin();
    await done();
    // One that comes by itself does not stand for those before it.
    fetch.came({ epoch: 'a', offset: 2 });
    source.state.isCut = false;
    fetch.begin();
    await done();
    expect(came).toEqual(['a1', 'a2']);
  });

  it('come from the beginning where the history is another one', async () => {
    const source = stream([7]);
    const { fetch, came, done } = fetching(source);
    fetch.want();
    fetch.begin();
    await done();
    source.state.epoch = 'b';
    source.state.offsets = [1, 2];
    fetch.begin();
    await done();
    expect(came).toEqual(['a7', 'b1', 'b2']);
  });
});
