import type { Member, ServerImage } from '../chat-messages.ts';

interface EntryBase {
  readonly key: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface NoticeEntry extends EntryBase {
  readonly kind: 'notice';
  readonly text: string;
  readonly tone: 'plain' | 'error';
}

export interface TextEntry extends EntryBase {
  readonly kind: 'text';
  readonly from: Member;
  readonly own: boolean;
  readonly text: string;
}

export interface ImageEntry extends EntryBase {
  readonly kind: 'image';
  readonly from: Member;
  readonly own: boolean;
  readonly name: string;
  readonly size: number;
  /** An object URL, to be revoked with `releaseEntry`. */
  readonly url: string;
}

export type Entry = NoticeEntry | TextEntry | ImageEntry;

let lastKey = 0;

function nextKey(): number {
  lastKey += 1;
  return lastKey;
}

export function noticeEntry(text: string, tone: NoticeEntry['tone'] = 'plain', at = Date.now()): NoticeEntry {
  return { kind: 'notice', key: nextKey(), at, text, tone };
}

export function textEntry(from: Member, own: boolean, text: string, at: number): TextEntry {
  return { kind: 'text', key: nextKey(), at, from, own, text };
}

export function imageEntry({ from, at, name, mime, bytes }: ServerImage, own: boolean): ImageEntry {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mime }));
  return { kind: 'image', key: nextKey(), at, from, own, name, size: bytes.length, url };
}

export function releaseEntry(entry: Entry): void {
  if (entry.kind === 'image') URL.revokeObjectURL(entry.url);
}
