// What stands in the timeline of a room.

export interface Person {
  /** The user of the hub. */
  readonly id: string;
  /** Not unique. */
  readonly name: string;
}

interface EntryBase {
  /** The same for what is the same. */
  readonly key: string;
  /** Milliseconds since 1970, by the clock of the service, or for notices by the reader's. */
  readonly at: number;
  /** Entries are in this order: notices after what was there before them, whatever the reader's clock says. */
  readonly order: number;
}

export interface NoticeEntry extends EntryBase {
  readonly kind: 'notice';
  readonly text: string;
  readonly tone: 'plain' | 'error';
}

export interface SaidEntry extends EntryBase {
  readonly kind: 'said';
  readonly from: Person;
  readonly own: boolean;
  readonly text: string;
}

export interface PhotoEntry extends EntryBase {
  readonly kind: 'photo';
  readonly from: Person;
  readonly own: boolean;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Of the image in memory. Whoever drops the entry revokes it. */
  readonly url: string;
}

export type Entry = NoticeEntry | SaidEntry | PhotoEntry;
