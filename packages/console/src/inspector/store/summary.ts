import type { Decoded } from '@tidewire/codecs';
import type { MessageData, MessageJson } from '@tidewire/inspector/recording';
import { closeCodeMeaning } from '../../shared/close-codes.ts';
import { sniffImageType } from '../../shared/image-type.ts';
import { contentOf, decodeText } from './entry.ts';

// A message in one line.

export interface Summary {
  /** What the protocol calls it, if it was decoded. */
  readonly kind?: string | undefined;
  readonly about?: string | undefined;
  readonly text: string;
}

/** Characters of a line at most: more than fits on any screen. */
const LONGEST = 400;
/** Bytes of binary messages that are shown. */
const BYTES = 48;
/** What stands before the place that is looked for, in characters. */
const BEFORE = 10;

/** @param find what must be seen, if it is there */
export function summaryOf(message: MessageJson, decoded: readonly Decoded[] | undefined, find?: RegExp): Summary {
  if (message.opcode === 8) return { text: closeLine(contentOf(message)) };
  const data = contentOf(message);
  const [first] = decoded ?? [];
  if (first === undefined) return { text: around(dataLine(data), find) };
  const more = (decoded?.length ?? 1) - 1;
  // What it carries comes first: there is not much room.
  const rest = [
    first.body === undefined ? '' : bodyLine(first),
    ...first.fields.map(([name, value]) => `${name}=${value}`),
    first.problem === undefined ? '' : `⚠ ${first.problem}`,
    more === 0 ? '' : `and ${more} more in this message`,
  ];
  const id = first.id === undefined ? '' : `#${first.id} `;
  const text = `${id}${rest.filter((part) => part !== '').join(' · ')}`;
  // What is found may be where the decoder shows nothing of it.
  const raw = dataLine(data);
  const isHidden = find?.test(raw) === true && !find.test(`${first.kind} ${first.about ?? ''} ${text}`);
  return { kind: first.kind, about: first.about, text: around(isHidden ? raw : text, find) };
}

/** The code and the reason of a Close frame (RFC 6455, 5.5.1). */
export function closeLine(data: MessageData): string {
  if (typeof data === 'string') return data;
  if (data.length < 2) return 'No code';
  const code = (data[0] ?? 0) * 256 + (data[1] ?? 0);
  const reason = decodeText(data.subarray(2));
  return `${code} ${closeCodeMeaning(code, true)}${reason === '' ? '' : ` · ${reason}`}`;
}

function bodyLine({ body }: Decoded): string {
  if (body === undefined) return '';
  if (body.type === 'json') return JSON.stringify(body.value).slice(0, LONGEST);
  return body.type === 'text' ? body.text : dataLine(body.bytes);
}

function dataLine(data: MessageData): string {
  if (data.length === 0) return '';
  if (typeof data === 'string') return data;
  const image = sniffImageType(data);
  if (image !== undefined) return `${image} image`;
  if (isReadable(data)) return decodeText(data);
  const hex = Array.from(data.subarray(0, BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return data.length > BYTES ? `${hex} …` : hex;
}

/** Whether bytes are ASCII that one can read. */
function isReadable(data: Uint8Array): boolean {
  return data.subarray(0, LONGEST).every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d);
}

/** In one line, and not too long: from the place on that is looked for. */
function around(text: string, find: RegExp | undefined): string {
  const at = find === undefined ? -1 : text.search(find);
  const start = at > 2 * BEFORE ? at - BEFORE : 0;
  const line = text.slice(start, start + LONGEST).replace(/\s+/g, ' ');
  return `${start > 0 ? '…' : ''}${line}${text.length > start + LONGEST ? '…' : ''}`;
}
