import { sniffImageType } from './shared/image-type.ts';

// What the chat page publishes in the channels of a room, and what it gets there. The service and the page check it here, so
// that neither acts on anything that it has not looked at. Who says something is nowhere in it: the hub says that.

/** Lengths are in UTF-16 code units, which is what `String.length` and an input's `maxlength` count. */
export const chatLimits = { name: 32, text: 4000, imageName: 255, room: 32 } as const;

/** What comes with the service. People may open others. */
export const standingRooms: readonly string[] = ['lobby', 'help', 'random'];

/** Each room is a channel in each of these namespaces. */
export const roomNamespaces = { said: 'chat', photo: 'photo', typing: 'typing' } as const;

/** What is published: something said, a photo, or that somebody types. */
export type Kind = keyof typeof roomNamespaces;

/** The kinds of images that may be sent: what browsers show, and nothing that can hold a script. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'] as const;

export type ImageType = (typeof imageTypes)[number];

export interface Said {
  readonly text: string;
}

export interface Photo {
  /** The file's name: 1 to `chatLimits.imageName` code units, without control characters. */
  readonly name: string;
  readonly mime: ImageType;
  /** The file in base64. It begins as a file of that kind does. */
  readonly data: string;
}

export interface Typing {
  readonly isTyping: boolean;
}

export interface Messages {
  readonly said: Said;
  readonly photo: Photo;
  readonly typing: Typing;
}

/** `at` is in milliseconds since 1970, by the clock of the service, which adds it to what is published. */
export type Stamped<Message> = Message & { readonly at: number };

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: string };

export function channelOf(kind: Kind, room: string): string {
  return `${roomNamespaces[kind]}:${room}`;
}

/** The kind and the room of a channel, or `undefined` if it is not one of the chat. */
export function roomOf(channel: string): { readonly kind: Kind; readonly room: string } | undefined {
  const colon = channel.indexOf(':');
  const namespace = channel.slice(0, Math.max(0, colon));
  for (const kind of ['said', 'photo', 'typing'] as const)
    if (roomNamespaces[kind] === namespace) return { kind, room: channel.slice(colon + 1) };
  return undefined;
}

/** Checks what somebody wants to publish: nothing may be missing, and nothing too much. Never throws. */
export function checkMessage<K extends Kind>(kind: K, value: unknown): Checked<Messages[K]> {
  return checked(() => readers[kind](fieldsOf(value)));
}

/** Checks what came out of a channel. Never throws. */
export function checkStamped<K extends Kind>(kind: K, value: unknown): Checked<Stamped<Messages[K]>> {
  return checked(() => {
    const { at, ...fields } = fieldsOf(value);
    if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0)
      throw new Invalid('at must be milliseconds since 1970');
    return { ...readers[kind](fields), at };
  });
}

/** A name for a person, trimmed: 1 to `chatLimits.name` code units, without control characters. Never throws. */
export function checkName(value: unknown): Checked<string> {
  return checked(() => lineIn({ name: value }, 'name', chatLimits.name));
}

/** A room's name as it stands in channels: letters, digits, `-` and `_`, in lower case. Never throws. */
export function checkRoom(value: unknown): Checked<string> {
  return checked(() => {
    const text = typeof value === 'string' ? value.trim().normalize('NFC').toLowerCase().normalize('NFC') : '';
    if (text.length <= chatLimits.room && /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u.test(text)) return text;
    throw new Invalid(`A room is named with letters, digits, - and _: 1 to ${chatLimits.room} characters`);
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** Why something is not valid; leaves this file as the `error` of a result. */
class Invalid extends Error {}

function checked<Value>(read: () => Value): Checked<Value> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof Invalid) return { ok: false, error: error.message };
    throw error;
  }
}

const readers: { readonly [K in Kind]: (fields: Fields) => Messages[K] } = {
  said(fields) {
    nothingBut(fields, ['text']);
    const text = stringIn(fields, 'text', chatLimits.text);
    if (text.trim() === '') throw new Invalid('text must not be blank');
    return { text };
  },
  photo(fields) {
    nothingBut(fields, ['name', 'mime', 'data']);
    const mime = imageTypes.find((type) => type === fields.mime);
    if (mime === undefined) throw new Invalid(`mime must be one of ${imageTypes.join(', ')}`);
    const { data } = fields;
    if (typeof data !== 'string' || data.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(data))
      throw new Invalid('data must be base64');
    if (sniffImageType(firstBytes(data)) !== mime) throw new Invalid(`data must be an image of the type ${mime}`);
    return { name: lineIn(fields, 'name', chatLimits.imageName), mime, data };
  },
  typing(fields) {
    nothingBut(fields, ['isTyping']);
    if (typeof fields.isTyping !== 'boolean') throw new Invalid('isTyping must be true or false');
    return { isTyping: fields.isTyping };
  },
};

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new Invalid('A message must be an object');
}

function nothingBut(fields: Fields, names: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Invalid(`A message has no ${JSON.stringify(unknown.slice(0, 32))}`);
}

function firstBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64.slice(0, 24)), (character) => character.charCodeAt(0));
}

// Control characters and lone surrogates, the separators that break a line, and the marks that turn the direction of the
// text around a name: with those, one person could look like another.
const notInALine = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

function lineIn(fields: Fields, key: string, longest: number): string {
  const value = fields[key];
  const line = stringIn({ [key]: typeof value === 'string' ? value.trim() : value }, key, longest);
  if (notInALine.test(line)) throw new Invalid(`${key} must have no control characters`);
  return line;
}

function stringIn(fields: Fields, key: string, longest: number): string {
  const value = fields[key];
  if (typeof value === 'string' && value.length >= 1 && value.length <= longest) return value;
  throw new Invalid(`${key} must be text of 1 to ${longest} characters`);
}
