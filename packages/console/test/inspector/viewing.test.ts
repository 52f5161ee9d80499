import { beforeEach, describe, expect, it } from 'vitest';
import { noFilter } from '../../src/inspector/store/filter.ts';
import { defaultLimits, InspectorStore } from '../../src/inspector/store/store.ts';
import { Viewing } from '../../src/inspector/store/viewing.ts';
import { cleared, connection, message, messages, news, T0 } from './support.ts';

let store: InspectorStore;
let viewing: Viewing;

beforeEach(() => {
  store = new InspectorStore({ ...defaultLimits, messages: 1000 });
  viewing = new Viewing(store);
});

const never = () => false;
const seqs = (rows = viewing.rows) =>
  Array.from({ length: rows.length }, (_, at) => rows.at(rows.start + at)?.message.seq);

describe('what is looked at', () => {
  it('is all, or one connection', () => {
    store.take(news([connection(1), connection(2)], [message(1), message(2, { connection: 2 }), message(3)]));
    expect(seqs()).toEqual([1, 2, 3]);
    viewing.look(2);
    expect(seqs()).toEqual([2]);
    store.take(news([], [message(4), message(5, { connection: 2 })]));
    viewing.work(never);
    expect(seqs()).toEqual([2, 5]);
    viewing.look(undefined);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('is filtered as messages come, and follows what falls out', () => {
    viewing.setFilter({ ...noFilter, direction: 'toClient' });
    store.take(news([connection(1)], messages(1, 10)));
    viewing.work(never);
    expect(seqs()).toEqual([2, 4, 6, 8, 10]);
    store.take(news([], messages(11, 1005)));
    viewing.work(never);
    expect(viewing.rows.first?.message.seq).toBe(6);
    expect(viewing.rows.length).toBe(500);
  });

  it('loses nothing that came while there was no time, unless it fell out', () => {
    viewing.setFilter({ ...noFilter, text: '7' });
    for (let from = 1; from <= 901; from += 100) store.take(news([connection(1)], messages(from, from + 99)));
    viewing.work(never);
    const expected = Array.from({ length: 1000 }, (_, at) => at + 1).filter((seq) => `${seq}`.includes('7'));
    expect(seqs()).toEqual(expected);
  });

  it('is looked through in pieces, and says how far it is', () => {
    store.take(news([connection(1)], messages(1, 1000)));
    viewing.setFilter({ ...noFilter, direction: 'toServer' });
    let looks = 0;
    const soon = () => {
      looks += 1;
      return looks % 4 === 0;
    };
    expect(viewing.work(soon)).toBe(false);
    expect(viewing.progress).toBeGreaterThan(0);
    expect(viewing.progress).toBeLessThan(0.5);
    let turns = 1;
    while (!viewing.work(soon)) turns += 1;
    expect(turns).toBeGreaterThan(3);
    expect([viewing.progress, viewing.rows.length]).toEqual([1, 500]);
  });

  it('is empty when the store was cleared, and goes on', () => {
    viewing.setFilter({ ...noFilter, text: 'message' });
    store.take(news([connection(1)], messages(1, 10)));
    viewing.work(never);
    store.take(cleared(10, [1]));
    viewing.beginAnew();
    viewing.work(never);
    expect(seqs()).toEqual([]);
    store.take(news([], messages(11, 12)));
    viewing.work(never);
    expect(seqs()).toEqual([11, 12]);
  });

  it('is of all again when the connection that was looked at is forgotten', () => {
    store.take(news([connection(1), connection(2)], messages(1, 10)));
    viewing.look(2);
    store.take(cleared(10, [1]));
    viewing.beginAnew();
    store.take(news([], messages(11, 12)));
    viewing.work(never);
    expect([viewing.scope, seqs()]).toEqual([undefined, [11, 12]]);
  });
});

describe('what is looked for', () => {
  beforeEach(() => {
    store.take(news([connection(1)], messages(1, 100)));
    viewing.setFilter({ ...noFilter, direction: 'toServer' });
    viewing.setFind({ text: '5', isPattern: false });
    viewing.work(never);
  });

  it('is found among what the filter lets through', () => {
    expect(seqs(viewing.hits)).toEqual([5, 15, 25, 35, 45, 51, 53, 55, 57, 59, 65, 75, 85, 95]);
  });

  it('is gone to forward and backward, around the ends', () => {
    expect(viewing.hitAfter(0)?.message.seq).toBe(5);
    expect(viewing.hitAfter(5)?.message.seq).toBe(15);
    expect(viewing.hitAfter(16)?.message.seq).toBe(25);
    expect(viewing.hitAfter(95)?.message.seq).toBe(5);
    expect(viewing.hitBefore(15)?.message.seq).toBe(5);
    expect(viewing.hitBefore(5)?.message.seq).toBe(95);
    expect(viewing.hitBefore(Number.POSITIVE_INFINITY)?.message.seq).toBe(95);
  });

  it('has a number for each hit', () => {
    expect([viewing.ordinalOf(5), viewing.ordinalOf(51), viewing.ordinalOf(52)]).toEqual([1, 6, 0]);
  });

  it('is a problem if it is no regular expression', () => {
    viewing.setFind({ text: '[', isPattern: true });
    expect(viewing.findProblem).toContain('Unterminated character class');
    expect(viewing.hits).toBe(undefined);
  });
});

describe('the rates of one connection', () => {
  it('are of what is kept of it, and go on', () => {
    store.take(news([connection(1), connection(2)], [...messages(1, 5), ...messages(6, 9, { connection: 2 })]));
    viewing.look(2);
    viewing.work(never);
    store.take(news([], [message(10, { connection: 2 }), message(11)]));
    viewing.work(never);
    const from = T0 / 1000;
    expect(viewing.rates.columns('messages', from, from + 1)).toEqual([
      [from, from + 1],
      [2, 0],
      [2, 1],
    ]);
  });
});
