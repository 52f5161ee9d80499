import type { Conversation, DecoderKind } from '@tidewire/codecs';
import { chooseDecoder, decoderKinds } from '@tidewire/codecs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Decoding } from '../../src/inspector/store/decoding.ts';
import { InspectorStore } from '../../src/inspector/store/store.ts';
import { connection, message, news } from './support.ts';

let store: InspectorStore;
let decoding: Decoding;

beforeEach(() => {
  store = new InspectorStore();
  decoding = new Decoding({ kinds: decoderKinds, choose: chooseDecoder });
});

const read = (seq: number, id = 1) => {
  const entry = store.find(seq);
  return entry && decoding.read(entry, store.connections.get(id));
};

describe('reading by protocol', () => {
  it('finds the protocol of a connection out', () => {
    store.take(
      news([connection(1, { subprotocol: 'v12.stomp' })], [message(1, { data: 'SEND\ndestination:/a\n\nhello\0' })]),
    );
    expect(read(1)?.[0]).toMatchObject({ kind: 'SEND', about: '/a' });
  });

  it('is by hand where a person has chosen, and as it is where they want that', () => {
    store.take(news([connection(1, { subprotocol: 'v12.stomp' })], [message(1, { data: '42["hello",1]' })]));
    const one = store.connections.get(1);
    if (one === undefined) throw new Error('There must be a connection');
    decoding.choose(one, 'socket.io');
    expect(read(1)?.[0]).toMatchObject({ kind: 'EVENT', about: 'hello' });
    decoding.choose(one, 'none');
    expect(read(1)).toBe(undefined);
    decoding.choose(one, undefined);
    expect(decoding.kindOf(one)?.name).toBe('stomp');
  });

  it('leaves control frames alone', () => {
    store.take(news([connection(1, { subprotocol: 'v12.stomp' })], [message(1, { bytes: '', opcode: 9 })]));
    expect(read(1)).toBe(undefined);
  });
});

describe('a decoder', () => {
  const seen: string[] = [];
  const kind: DecoderKind = {
    name: 'spy',
    title: 'Spy',
    recognise: (_conversation: Conversation) => 1,
    create: () => ({
      decode(data) {
        seen.push(String(data));
        return [{ kind: 'message', fields: [] }];
      },
    }),
  };

  beforeEach(() => {
    seen.length = 0;
    decoding = new Decoding({ kinds: [kind], choose: () => kind });
    const told = Array.from({ length: 100 }, (_, index) => message(index + 1, { data: `${index + 1}` }));
    store.take(news([connection(1)], told));
  });

  it('is shown what a connection said first, and what came just before the one that is asked for', () => {
    read(50);
    expect(seen).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '46', '47', '48', '49', '50']);
    read(51);
    expect(seen.at(-1)).toBe('51');
    expect(seen.length).toBe(14);
  });

  it('is chosen later if the first messages do not tell', () => {
    decoding = new Decoding({ kinds: [kind], choose: ({ messages }) => (messages.length < 3 ? undefined : kind) });
    store.take(news([connection(2)], [message(101, { connection: 2 }), message(102, { connection: 2 })]));
    expect(read(101, 2)).toBe(undefined);
    store.take(news([], [message(103, { connection: 2 })]));
    expect(read(101, 2)?.[0]?.kind).toBe('message');
  });

  it('is asked once for each', () => {
    read(50);
    const before = seen.length;
    for (const seq of [3, 47, 50]) read(seq);
    expect(seen.length).toBe(before);
  });

  it('reads a message anew that has become another', () => {
    read(50);
    store.take(news([], [message(50, { data: 'edited', fate: 'edited', original: '50' })]));
    read(50);
    expect(seen.at(-1)).toBe('edited');
  });
});
