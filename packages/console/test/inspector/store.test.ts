import { beforeEach, describe, expect, it } from 'vitest';
import { defaultLimits, InspectorStore } from '../../src/inspector/store/store.ts';
import { cleared, connection, ended, message, messages, news, T0 } from './support.ts';

let store: InspectorStore;

beforeEach(() => {
  store = new InspectorStore();
});

const seqs = () =>
  Array.from({ length: store.entries.length }, (_, at) => store.entries.at(store.entries.start + at)?.message.seq);

describe('what the page keeps', () => {
  it('has each connection with its own messages and what went each way', () => {
    store.take(news([connection(1), connection(2)], [message(1), message(2), message(3, { connection: 2 })]));
    const [first, second] = [store.connections.get(1), store.connections.get(2)];
    expect(first?.entries.length).toBe(2);
    expect(first?.volume).toEqual({ toServer: { messages: 1, bytes: 15 }, toClient: { messages: 1, bytes: 15 } });
    expect(second?.entries.last?.message.seq).toBe(3);
    expect(store.nextSeq).toBe(4);
  });

  it('takes a connection that has changed for the one it knows', () => {
    store.take(news([connection(1)], [message(1)]));
    store.take(news([connection(1, { end: ended })], []));
    expect(store.connections.get(1)?.record.end?.code).toBe(1000);
    expect(store.connections.get(1)?.entries.length).toBe(1);
  });

  it('lets go of the oldest beyond so many messages, also of their connection, and counts them', () => {
    store = new InspectorStore({ ...defaultLimits, messages: 10 });
    store.take(news([connection(1), connection(2)], [...messages(1, 6), ...messages(7, 14, { connection: 2 })]));
    expect(seqs()).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(store.connections.get(1)?.entries.length).toBe(2);
    expect([store.received, store.dropped]).toEqual([14, 4]);
    expect(store.connections.get(1)?.volume.toServer.messages).toBe(3);
  });

  it('lets go of the oldest beyond so many bytes', () => {
    store = new InspectorStore({ ...defaultLimits, bytes: 100_000 });
    store.take(news([connection(1)], messages(1, 200, { data: 'x'.repeat(2000) })));
    expect(store.bytes).toBeLessThanOrEqual(100_000);
    expect(store.entries.length).toBeGreaterThan(35);
    expect(store.dropped).toBe(200 - store.entries.length);
  });

  it('counts no bytes when it is empty', () => {
    store.take(news([connection(1)], messages(1, 20)));
    store.take(cleared(20, [1]));
    expect(store.bytes).toBe(0);
    store.take(news([], messages(21, 22)));
    store.take(news([], [message(21, { data: 'another and longer text', fate: 'edited', original: 'it' })]));
    const before = store.bytes;
    store = new InspectorStore();
    store.take(
      news(
        [connection(1)],
        [message(21, { data: 'another and longer text', fate: 'edited', original: 'it' }), message(22)],
      ),
    );
    expect(store.bytes).toBe(before);
  });

  it('forgets the connections that ended first and of which nothing is left, when there are too many', () => {
    store = new InspectorStore({ ...defaultLimits, connections: 3 });
    store.take(news([connection(1), connection(2, { end: ended }), connection(3)], [message(1)]));
    store.take(news([connection(4)], []));
    expect([...store.connections.keys()]).toEqual([1, 3, 4]);
    expect(store.forgotten).toBe(1);
    store.take(news([connection(5)], []));
    expect([...store.connections.keys()]).toEqual([1, 3, 4, 5]);
  });
});

describe('messages that are told twice', () => {
  it('are what the second says: what became of a held one', () => {
    store.take(news([connection(1)], [message(1), message(2, { fate: 'held' }), message(3)]));
    expect([...store.held.keys()]).toEqual([2]);
    const entry = store.find(2);
    store.take(news([], [message(2, { fate: 'edited', data: 'other', original: 'message 2' })]));
    expect(entry?.message).toMatchObject({ data: 'other', original: 'message 2' });
    expect(store.held.size).toBe(0);
    expect([store.entries.length, store.received]).toEqual([3, 3]);
  });

  it('are passed over if the first is not kept any more', () => {
    store = new InspectorStore({ ...defaultLimits, messages: 2 });
    store.take(news([connection(1)], [message(1, { fate: 'held' }), message(2), message(3)]));
    expect(store.held.size).toBe(0);
    store.take(news([], [message(1)]));
    expect(seqs()).toEqual([2, 3]);
  });
});

describe('what is not here', () => {
  it('is counted over several times of watching', () => {
    store.take(news([connection(1)], [message(1)], { fellOut: 5, missed: 2 }));
    store.watched();
    store.take(news([], [message(9)], { fellOut: 8, missed: 3 }));
    expect([store.fellOut, store.missed]).toEqual([8, 5]);
  });

  it('is forgotten when all is cleared, with the connections that have ended', () => {
    store.take(news([connection(1), connection(2, { end: ended })], messages(1, 5), { missed: 2 }));
    store.take(cleared(5, [1]));
    expect([...store.connections.keys()]).toEqual([1]);
    expect([store.received, store.dropped, store.missed, store.entries.length]).toEqual([0, 0, 0, 0]);
    expect(store.nextSeq).toBe(6);
    store.take(news([], [message(6)], { missed: 3 }));
    expect(store.missed).toBe(1);
    store.watched();
    store.take(news([], [], { missed: 4 }));
    expect(store.missed).toBe(5);
    expect(store.connections.get(1)?.entries.last?.message.seq).toBe(6);
  });
});

describe('all that is cleared', () => {
  it('is forgotten, also what this page was not told of: it is not missed', () => {
    store.take(news([connection(1), connection(2)], [message(1, { fate: 'held' }), message(2)], { missed: 2 }));
    // Meanwhile the page pauses, eight more come, and the second connection ends.
    expect(store.take(cleared(10, [1]))).toBe(true);
    expect([...store.connections.keys()]).toEqual([1]);
    expect([seqs(), [...store.held.keys()], store.received, store.missed]).toEqual([[], [], 0, 0]);
    expect(store.nextSeq).toBe(11);
    store.watched();
    store.take(news([connection(1), connection(3)], [message(11)]));
    expect([seqs(), store.missed]).toEqual([[11], 0]);
  });

  it('is told all of what comes next if there was nothing yet', () => {
    store.take(cleared(0));
    expect(store.nextSeq).toBeUndefined();
  });
});

describe('an inspector that was started again', () => {
  it('is known by a connection of the same id and another time, and all is to be told anew', () => {
    expect(store.take(news([connection(1)], messages(1, 50)))).toBe(true);
    expect(store.take(news([connection(1, { openedAt: T0 + 60_000 })], [message(1)]))).toBe(false);
    expect([store.connections.size, store.entries.length, store.nextSeq]).toEqual([0, 0, undefined]);
    expect(store.take(news([connection(1, { openedAt: T0 + 60_000 })], [message(1)]))).toBe(true);
    expect(seqs()).toEqual([1]);
  });
});

describe('the rates', () => {
  it('are messages and bytes of each second and direction', () => {
    store.take(news([connection(1)], messages(1, 25)));
    const from = T0 / 1000;
    expect(store.rates.columns('messages', from, from + 3)).toEqual([
      [from, from + 1, from + 2, from + 3],
      [5, 5, 3, 0],
      [4, 5, 3, 0],
    ]);
    expect(store.rates.columns('bytes', from, from)[1]).toEqual([75]);
  });

  it('are kept for a quarter of an hour', () => {
    for (let seq = 1; seq <= 1000; seq += 1) store.take(news([], [message(seq, { at: T0 + seq * 1000 })]));
    expect(store.rates.oldest).toBe(T0 / 1000 + 101);
    expect(store.rates.newest).toBe(T0 / 1000 + 1000);
  });
});
