import { describe, expect, it } from 'vitest';
import type { Entry, Person } from '../../src/chat/entry.ts';
import {
  kept,
  newRoom,
  notice,
  type Room,
  readUp,
  typingText,
  unreadIn,
  withEntry,
  withoutPerson,
  withPeople,
  withPerson,
  withTyping,
  withTypingAt,
} from '../../src/chat/room.ts';

const ann = { id: '1', name: 'Ann' };
const ben = { id: '2', name: 'Ben' };

const said = (at: number, from: Person = ben, key = `said ${at}`): Entry => ({
  ...{ kind: 'said', key, at, order: at, from, own: from === ann, text: `at ${at}` },
});
const photo = (at: number): Entry => ({
  ...{ kind: 'photo', key: `photo ${at}`, at, order: at, from: ben, own: false, name: 'a.png', size: 1, url: 'blob:' },
});
const after = (...entries: Entry[]): Room => entries.reduce(withEntry, newRoom('lobby', undefined));
const keysOf = ({ entries }: Room) => entries.map(({ key }) => key);

describe('the timeline of a room', () => {
  it('is in the order in which the service took what was said, whatever comes first', () => {
    expect(keysOf(after(said(3), photo(2), said(1)))).toEqual(['said 1', 'photo 2', 'said 3']);
  });

  it('has nothing twice', () => {
    const room = after(said(1), said(2));
    expect(withEntry(room, said(1))).toBe(room);
  });

  it('has notices behind what was there, also when the clock of the reader is wrong', () => {
    const before = after(said(1000));
    const room = withEntry(before, notice(before, 'Ben left', 'plain', 5, 'notice'));
    expect(keysOf(withEntry(room, said(1001)))).toEqual(['said 1000', 'notice', 'said 1001']);
    const ahead = withEntry(before, notice(before, 'Ben left', 'plain', 9_999_999, 'notice'));
    expect(keysOf(withEntry(ahead, said(1001)))).toEqual(['said 1000', 'notice', 'said 1001']);
  });

  it('keeps the newest, and of photos fewer', () => {
    const many = after(...Array.from({ length: kept.entries + 5 }, (_, index) => said(index)));
    expect(many.entries.length).toBe(kept.entries);
    expect(many.dropped).toBe(5);
    expect(many.entries[0]?.key).toBe('said 5');
    const photos = after(said(0), ...Array.from({ length: kept.photos + 2 }, (_, index) => photo(index + 1)));
    expect(keysOf(photos).slice(0, 2)).toEqual(['said 0', 'photo 3']);
    expect(photos.entries.length).toBe(kept.photos + 1);
  });
});

describe('what is unread', () => {
  it('is what others have said since somebody looked', () => {
    const room = readUp(after(said(1), said(2)));
    expect(unreadIn(room)).toBe(0);
    const more = [said(3), said(4, ann), photo(5)].reduce(withEntry, room);
    expect(unreadIn(more)).toBe(2);
    expect(unreadIn(withEntry(more, notice(more, 'Ben left', 'plain', 10, 'notice')))).toBe(2);
    expect(unreadIn(readUp(more))).toBe(0);
  });

  it('is nothing for whoever has never looked', () => {
    expect(unreadIn(after(said(1), said(2)))).toBe(0);
  });

  it('is no change where nothing is new', () => {
    const room = readUp(after(said(1)));
    expect(readUp(room)).toBe(room);
  });
});

describe('the people in a room', () => {
  it('come, are called otherwise, and leave', () => {
    const room = withPerson(withPeople(newRoom('lobby', 0), [ann]), ben);
    expect([...room.people.values()]).toEqual([ann, ben]);
    expect(withPerson(room, { ...ben })).toBe(room);
    const renamed = withPerson(room, { id: '1', name: 'Anna' });
    expect([...renamed.people.values()].map(({ name }) => name)).toEqual(['Anna', 'Ben']);
    expect([...withoutPerson(renamed, '1').people.keys()]).toEqual(['2']);
  });
});

describe('who types', () => {
  const room = withPeople(newRoom('lobby', 0), [ann, ben, { id: '3', name: 'Cy' }, { id: '4', name: 'Di' }]);
  const typing = (...ids: string[]) => ids.reduce((each, id) => withTyping(each, id, 100), room);

  it('is told in words, but not to those who do', () => {
    expect(typingText(typing('1'), '1')).toBe('');
    expect(typingText(typing('2'), '1')).toBe('Ben is typing…');
    expect(typingText(typing('2', '3'), '1')).toBe('Ben and Cy are typing…');
    expect(typingText(typing('2', '3', '4'), '1')).toBe('Ben, Cy and 1 more are typing…');
    expect(typingText(typing('5'), '1')).toBe('');
  });

  it('does no more after a while, after having said it, and after leaving', () => {
    expect(withTypingAt(typing('2'), 99).typing.size).toBe(1);
    expect(withTypingAt(typing('2'), 100).typing.size).toBe(0);
    expect(withEntry(typing('2'), said(1)).typing.size).toBe(0);
    expect(withEntry(typing('2'), said(1, ann)).typing.size).toBe(1);
    expect(withoutPerson(typing('2'), '2').typing.size).toBe(0);
    expect(withTyping(typing('2'), '2', undefined).typing.size).toBe(0);
    expect(withPeople(typing('2'), [ann]).typing.size).toBe(0);
  });
});
