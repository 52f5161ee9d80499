import { beforeEach, describe, expect, it } from 'vitest';
import { noFilter } from '../../src/inspector/store/filter.ts';
import { InspectorStore } from '../../src/inspector/store/store.ts';
import { Viewing } from '../../src/inspector/store/viewing.ts';
import type { SearchAnswer, SearchOrder } from '../../src/inspector/store/whole-search.ts';
import { connection, message, news } from './support.ts';

// What the page has in part, and the inspector whole.

interface Asked {
  readonly order: SearchOrder;
  readonly answer: (answer: SearchAnswer) => Promise<void>;
  readonly refuse: (why: string) => Promise<void>;
}

let store: InspectorStore;
let viewing: Viewing;
let asked: Asked[];
let changes: number;

beforeEach(() => {
  asked = [];
  changes = 0;
  store = new InspectorStore();
  viewing = new Viewing(store, {
    ask: (order) =>
      new Promise((resolve, reject) => {
        asked.push({
          order,
          answer: (found) => {
            resolve(found);
            return settled();
          },
          refuse: (why) => {
            reject(new Error(why));
            return settled();
          },
        });
      }),
    changed: () => {
      changes += 1;
    },
  });
  store.take(news([connection(1)], [message(1), partial(2), partial(3), message(4), partial(5), message(6)]));
});

/** When what waits for an answer has gone on. */
const settled = () => new Promise<void>((done) => setImmediate(done));
const never = () => false;
const partial = (seq: number) => message(seq, { data: `message ${seq}…`, length: 9000 });
const seqs = (rows = viewing.rows) =>
  Array.from({ length: rows.length }, (_, at) => rows.at(rows.start + at)?.message.seq);

describe('a filter', () => {
  it('asks for what the page has in part, a piece at a time, and keeps the order', async () => {
    viewing.setFilter({ ...noFilter, text: '4' });
    expect(viewing.work(never)).toBe(true);
    expect([seqs(), asked.map(({ order }) => order)]).toEqual([[], [{ type: 'search', from: 2, text: '4' }]]);
    expect(viewing.progress).toBeLessThan(1);
    viewing.work(never);
    expect(asked.length).toBe(1);
    await asked[0]?.answer({ found: [2, 3], next: 4 });
    expect(changes).toBe(1);
    viewing.work(never);
    expect(seqs()).toEqual([2, 3, 4]);
    expect(asked[1]?.order).toEqual({ type: 'search', from: 5, text: '4' });
    await asked[1]?.answer({ found: [], next: 7 });
    viewing.work(never);
    expect([seqs(), viewing.progress]).toEqual([[2, 3, 4], 1]);
    store.take(news([], [message(7), partial(8)]));
    viewing.work(never);
    expect(asked[2]?.order).toMatchObject({ from: 8 });
  });

  it('asks for nothing that is in what the page has, or that something else leaves out', () => {
    viewing.setFilter({ ...noFilter, text: 'message', direction: 'toServer' });
    viewing.work(never);
    expect([seqs(), asked]).toEqual([[1, 3, 5], []]);
    viewing.setFilter({ ...noFilter, text: '1', maxLength: 100 });
    viewing.work(never);
    expect([seqs(), asked]).toEqual([[1], []]);
  });

  it('looks at the beginnings, and says so, where the inspector cannot be asked', async () => {
    viewing.setFilter({ ...noFilter, text: '(?=6)', isPattern: true });
    viewing.work(never);
    expect(asked[0]?.order).toEqual({ type: 'search', from: 2, pattern: '(?=6)' });
    await asked[0]?.refuse('lookahead cannot be used');
    viewing.work(never);
    expect([seqs(), asked.length]).toEqual([[6], 1]);
    expect(viewing.filterProblem).toBe('Only the beginnings of long messages are looked at: lookahead cannot be used');
  });

  it('forgets what was asked for another', async () => {
    viewing.setFilter({ ...noFilter, text: '3' });
    viewing.work(never);
    viewing.setFilter({ ...noFilter, text: '6' });
    viewing.work(never);
    await asked[0]?.answer({ found: [2, 5], next: 7 });
    viewing.work(never);
    expect(seqs()).toEqual([]);
    await asked[1]?.answer({ found: [5], next: 7 });
    viewing.work(never);
    expect(seqs()).toEqual([5, 6]);
  });
});

describe('what is looked for', () => {
  it('is found in the whole of what is shown', async () => {
    viewing.setFind({ text: 'needle', isPattern: false });
    viewing.work(never);
    await asked[0]?.answer({ found: [3], next: 7 });
    viewing.work(never);
    expect([seqs().length, seqs(viewing.hits)]).toEqual([6, [3]]);
  });
});
