// What the chat page and the chat server say to each other. Each message of the WebSocket is one message of the chat: a
// text message is a JSON object with a `type`, a binary message is an image (see `encodeImage`). Both sides
// decode what they receive here, so that neither acts on anything that it has not checked.

/** Lengths are in UTF-16 code units, which is what `String.length` and an input's `maxlength` count. */
export const chatLimits = { name: 32, text: 4000, imageName: 255 } as const;

/** The kinds of images that may be sent: what browsers show, and nothing that can hold a script. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'] as const;

export type ImageType = (typeof imageTypes)[number];

export interface Member {
  /** Given by the server, 1 to 64 code units, the same for as long as the member's connection lasts. */
  readonly id: string;
  /** Trimmed, 1 to `chatLimits.name` code units, without control characters. Not unique. */
  readonly name: string;
}

export interface ClientImage {
  readonly type: 'image';
  /** The file's name: 1 to `chatLimits.imageName` code units, without control characters. */
  readonly name: string;
  readonly mime: ImageType;
  /** The file itself, at least one byte. A decoded message has a view on the received bytes, not a copy. */
  readonly bytes: Uint8Array;
}

export interface ServerImage extends ClientImage {
  readonly from: Member;
  readonly at: number;
}

/** The first message of a client is `join`; before `welcome` answers it, nothing else counts. */
export type ClientText =
  | { readonly type: 'join'; readonly name: string }
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'rename'; readonly name: string };

/** `at` is in milliseconds since the epoch, by the server's clock. */
export type ServerText =
  | {
      readonly type: 'welcome';
      readonly you: Member;
      /** Everybody in the room. */
      readonly members: readonly Member[];
      /** The longest text in code units, and the largest image in bytes. */
      readonly limits: { readonly text: number; readonly image: number };
    }
  | { readonly type: 'joined' | 'left'; readonly member: Member; readonly at: number }
  | { readonly type: 'renamed'; readonly member: Member; readonly before: string; readonly at: number }
  | { readonly type: 'said'; readonly from: Member; readonly text: string; readonly at: number }
  /** A message of this client was not taken: a stable code, and a sentence for people. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

export type ClientMessage = ClientText | ClientImage;
export type ServerMessage = ServerText | ServerImage;

export type Decoded<Message> =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly error: string };

/**
 * What to give to `send`: a string for a text message, bytes for an image.
 * @throws RangeError if the header of an image exceeds 65,535 bytes
 */
export function encodeClientMessage(message: ClientText): string;
export function encodeClientMessage(message: ClientImage): Uint8Array<ArrayBuffer>;
export function encodeClientMessage(message: ClientMessage): string | Uint8Array<ArrayBuffer>;
export function encodeClientMessage(message: ClientMessage): string | Uint8Array<ArrayBuffer> {
  if (message.type !== 'image') return JSON.stringify(message);
  const { type, name, mime, bytes } = message;
  return encodeImage({ type, name, mime }, bytes);
}

/** Like `encodeClientMessage`, for the server. */
export function encodeServerMessage(message: ServerText): string;
export function encodeServerMessage(message: ServerImage): Uint8Array<ArrayBuffer>;
export function encodeServerMessage(message: ServerMessage): string | Uint8Array<ArrayBuffer>;
export function encodeServerMessage(message: ServerMessage): string | Uint8Array<ArrayBuffer> {
  if (message.type !== 'image') return JSON.stringify(message);
  const { type, from, at, name, mime, bytes } = message;
  return encodeImage({ type, from, at, name, mime }, bytes);
}

/**
 * Checks what a client sent: `data` is a string for a text message, a `Uint8Array` for a binary one. Names come back
 * trimmed; properties that the message does not have are left out. Never throws.
 */
export function decodeClientMessage(data: unknown): Decoded<ClientMessage> {
  return decode(data, readClientText, (fields, bytes) => ({ ...readImage(fields), bytes }));
}

/** Checks what a server sent, like `decodeClientMessage`. Never throws. */
export function decodeServerMessage(data: unknown): Decoded<ServerMessage> {
  return decode(data, readServerText, (fields, bytes) => ({
    ...readImage(fields),
    from: memberIn(fields, 'from'),
    at: timeIn(fields),
    bytes,
  }));
}

type Fields = Readonly<Record<string, unknown>>;

/** Why a message is not valid; leaves this file as the `error` of a result. */
class InvalidMessage extends Error {}

function decode<Text, Image>(
  data: unknown,
  readText: (fields: Fields) => Text,
  readBinary: (fields: Fields, bytes: Uint8Array) => Image,
): Decoded<Text | Image> {
  try {
    if (typeof data === 'string') return { ok: true, message: readText(parseObject(data)) };
    if (!(data instanceof Uint8Array)) throw new InvalidMessage('A message must be text or bytes');
    const { header, bytes } = splitImage(data);
    return { ok: true, message: readBinary(header, bytes) };
  } catch (error) {
    if (error instanceof InvalidMessage) return { ok: false, error: error.message };
    throw error;
  }
}

function readClientText(fields: Fields): ClientText {
  switch (fields.type) {
    case 'join':
    case 'rename':
      return { type: fields.type, name: nameIn(fields, 'name') };
    case 'say':
      return { type: 'say', text: stringIn(fields, 'text', chatLimits.text) };
    default:
      throw new InvalidMessage('The type of a text message must be join, say or rename');
  }
}

function readServerText(fields: Fields): ServerText {
  switch (fields.type) {
    case 'welcome': {
      if (!Array.isArray(fields.members)) throw new InvalidMessage('members must be an array');
      const limits = objectIn(fields, 'limits');
      return {
        type: 'welcome',
        you: memberIn(fields, 'you'),
        members: fields.members.map((member) => memberIn({ member }, 'member')),
        limits: { text: countIn(limits, 'text'), image: countIn(limits, 'image') },
      };
    }
    case 'joined':
    case 'left':
      return { type: fields.type, member: memberIn(fields, 'member'), at: timeIn(fields) };
    case 'renamed':
      return {
        type: 'renamed',
        member: memberIn(fields, 'member'),
        before: nameIn(fields, 'before'),
        at: timeIn(fields),
      };
    case 'said':
      return {
        type: 'said',
        from: memberIn(fields, 'from'),
        text: stringIn(fields, 'text', chatLimits.text),
        at: timeIn(fields),
      };
    case 'refused':
      return { type: 'refused', code: stringIn(fields, 'code', 64), message: stringIn(fields, 'message', 1000) };
    default:
      throw new InvalidMessage('The type of a text message must be welcome, joined, left, renamed, said or refused');
  }
}

function readImage(fields: Fields): Omit<ClientImage, 'bytes'> {
  if (fields.type !== 'image') throw new InvalidMessage('The type of a binary message must be image');
  const mime = imageTypes.find((type) => type === fields.mime);
  if (mime === undefined) throw new InvalidMessage(`mime must be one of ${imageTypes.join(', ')}`);
  return { type: 'image', name: lineIn(fields, 'name', chatLimits.imageName), mime };
}

const headerLengthSize = 2;

/** An image on the wire: 2 bytes, the length of the header, big-endian; the header, JSON as UTF-8; the image's bytes. */
function encodeImage(header: object, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  if (json.length > 0xffff) throw new RangeError(`The header of an image takes ${json.length} bytes, more than 65535`);
  const message = new Uint8Array(headerLengthSize + json.length + bytes.length);
  new DataView(message.buffer).setUint16(0, json.length);
  message.set(json, headerLengthSize);
  message.set(bytes, headerLengthSize + json.length);
  return message;
}

function splitImage(message: Uint8Array): { header: Fields; bytes: Uint8Array } {
  if (message.length < headerLengthSize) throw new InvalidMessage('A binary message must begin with a 2-byte length');
  const end = headerLengthSize + new DataView(message.buffer, message.byteOffset).getUint16(0);
  if (message.length <= end) throw new InvalidMessage('A binary message must have a header and at least one byte more');
  return { header: parseObject(decodeUtf8(message.subarray(headerLengthSize, end))), bytes: message.subarray(end) };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvalidMessage('The header of an image must be UTF-8');
  }
}

function parseObject(json: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new InvalidMessage('A message must be JSON');
  }
  return objectIn({ 'A message': value }, 'A message');
}

function objectIn(fields: Fields, key: string): Fields {
  const value = fields[key];
  if (!isObject(value)) throw new InvalidMessage(`${key} must be an object`);
  return value;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberIn(fields: Fields, key: string): Member {
  const member = objectIn(fields, key);
  return { id: stringIn(member, 'id', 64), name: nameIn(member, 'name') };
}

function nameIn(fields: Fields, key: string): string {
  return lineIn(fields, key, chatLimits.name);
}

// Control characters and lone surrogates, the separators that break a line, and the marks that turn the direction of the
// text around a name: with those, one person could look like another.
const notInALine = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

function lineIn(fields: Fields, key: string, longest: number): string {
  const value = fields[key];
  const line = stringIn({ [key]: typeof value === 'string' ? value.trim() : value }, key, longest);
  if (notInALine.test(line)) throw new InvalidMessage(`${key} must have no control characters`);
  return line;
}

function stringIn(fields: Fields, key: string, longest: number): string {
  const value = fields[key];
  if (typeof value === 'string' && value.length >= 1 && value.length <= longest) return value;
  throw new InvalidMessage(`${key} must be text of 1 to ${longest} characters`);
}

function countIn(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidMessage(`${key} must be a positive integer`);
}

function timeIn(fields: Fields): number {
  const { at } = fields;
  if (typeof at === 'number' && Number.isSafeInteger(at) && at >= 0) return at;
  throw new InvalidMessage('at must be milliseconds since the epoch');
}
