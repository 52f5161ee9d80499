import { sniffImageType } from '../shared/image-type.ts';

export type Direction = 'sent' | 'received';

export interface MessageEntry {
  readonly kind: 'message';
  readonly key: number;
  readonly at: number;
  readonly direction: Direction;
  readonly data: string | Uint8Array<ArrayBuffer>;
  /** Of the payload, in bytes. */
  readonly size: number;
  /** An object URL, if the bytes are an image that browsers show. To be revoked with `releaseEntry`. */
  readonly image: string | undefined;
}

export interface NoticeEntry {
  readonly kind: 'notice';
  readonly key: number;
  readonly at: number;
  readonly text: string;
}

export type Entry = MessageEntry | NoticeEntry;

let lastKey = 0;

export function noticeEntry(text: string): NoticeEntry {
  lastKey += 1;
  return { kind: 'notice', key: lastKey, at: Date.now(), text };
}

export function messageEntry(direction: Direction, data: string | Uint8Array<ArrayBuffer>): MessageEntry {
  lastKey += 1;
  const size = typeof data === 'string' ? new TextEncoder().encode(data).length : data.length;
  const type = typeof data === 'string' ? undefined : sniffImageType(data);
  const image = type === undefined ? undefined : URL.createObjectURL(new Blob([data], { type }));
  return { kind: 'message', key: lastKey, at: Date.now(), direction, data, size, image };
}

export function releaseEntry(entry: Entry): void {
  if (entry.kind === 'message' && entry.image !== undefined) URL.revokeObjectURL(entry.image);
}
