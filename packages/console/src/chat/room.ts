// A room as one member knows it, and what happens in it. Pure: no DOM, no connection, no clock.

import type { Entry, NoticeEntry, Person } from './entry.ts';

export interface Room {
  readonly name: string;
  /** Whether what is said there comes in at present. */
  readonly isLive: boolean;
  /** Whether what was said before is there. */
  readonly hasHistory: boolean;
  /** Why nobody can be in it. */
  readonly trouble: string | undefined;
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** How many entries were dropped, because there were too many. */
  readonly dropped: number;
  /** By their ids, in the order in which they came. */
  readonly people: ReadonlyMap<string, Person>;
  /** Who types, and until when that is to be believed, in milliseconds. */
  readonly typing: ReadonlyMap<string, number>;
  /** Up to when everything was read; `undefined` if nobody has looked yet. */
  readonly readAt: number | undefined;
}

export const kept = { entries: 500, photos: 40 } as const;

export function newRoom(name: string, readAt: number | undefined): Room {
  return {
    name,
    isLive: false,
    hasHistory: false,
    trouble: undefined,
    entries: [],
    dropped: 0,
    people: new Map(),
    typing: new Map(),
    readAt,
  };
}

/** With an entry more, unless it is there. Whoever has said something does not type it any more. */
export function withEntry(room: Room, entry: Entry): Room {
  if (room.entries.some(({ key }) => key === entry.key)) return room;
  const index = room.entries.findLastIndex(({ order }) => order <= entry.order) + 1;
  const all = room.entries.toSpliced(index, 0, entry);
  const entries = withoutTooMany(all);
  const dropped = room.dropped + all.length - entries.length;
  const typing = entry.kind === 'notice' ? room.typing : without(room.typing, entry.from.id);
  return { ...room, entries, dropped, typing };
}

/** The newest entries, and of those with photos fewer. */
function withoutTooMany(entries: readonly Entry[]): readonly Entry[] {
  const most = entries.slice(-kept.entries);
  let photos = most.filter(({ kind }) => kind === 'photo').length - kept.photos;
  return photos <= 0 ? most : most.filter(({ kind }) => kind !== 'photo' || photos-- <= 0);
}

/** A notice for the end of the room's timeline. */
export function notice(room: Room, text: string, tone: NoticeEntry['tone'], at: number, key: string): NoticeEntry {
  return { kind: 'notice', key, at, order: room.entries.at(-1)?.order ?? 0, text, tone };
}

/** Everybody who is there. */
export function withPeople(room: Room, people: Iterable<Person>): Room {
  const here = new Map(Array.from(people, (person) => [person.id, person]));
  const typing = new Map([...room.typing].filter(([id]) => here.has(id)));
  return { ...room, people: here, typing };
}

/** @returns the same room if nobody is new, or called otherwise */
export function withPerson(room: Room, person: Person): Room {
  if (room.people.get(person.id)?.name === person.name) return room;
  return { ...room, people: new Map(room.people).set(person.id, person) };
}

export function withoutPerson(room: Room, id: string): Room {
  return { ...room, people: without(room.people, id), typing: without(room.typing, id) };
}

/** @param until milliseconds; `undefined` if the person does not type any more */
export function withTyping(room: Room, id: string, until: number | undefined): Room {
  if (until !== undefined) return { ...room, typing: new Map(room.typing).set(id, until) };
  return room.typing.has(id) ? { ...room, typing: without(room.typing, id) } : room;
}

/** Without those of whom nothing was heard in time. */
export function withTypingAt(room: Room, now: number): Room {
  const typing = new Map([...room.typing].filter(([, until]) => until > now));
  return typing.size === room.typing.size ? room : { ...room, typing };
}

/** With everything read that is there. */
export function readUp(room: Room): Room {
  const newest = Math.max(room.readAt ?? 0, ...room.entries.map((entry) => (entry.kind === 'notice' ? 0 : entry.at)));
  return newest === room.readAt ? room : { ...room, readAt: newest };
}

/** What others have said that nobody has looked at yet. */
export function unreadIn({ entries, readAt }: Room): number {
  if (readAt === undefined) return 0;
  return entries.filter((entry) => entry.kind !== 'notice' && !entry.own && entry.at > readAt).length;
}

/** Who types, in a sentence for people; the empty string if nobody does. */
export function typingText({ typing, people }: Room, you: string): string {
  const names = [...typing.keys()].filter((id) => id !== you).flatMap((id) => people.get(id)?.name ?? []);
  const [first, second, ...others] = names;
  if (first === undefined) return '';
  if (second === undefined) return `${first} is typing…`;
  if (others.length === 0) return `${first} and ${second} are typing…`;
  return `${first}, ${second} and ${others.length} more are typing…`;
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
