import type { Conversation, Decoded, DecoderKind, JsonValue, MessageData } from '../decoder.ts';
import { isArray, isObject, readJson } from '../json.ts';
import type { Readings } from '../reading.ts';
import { shareOf, sureness } from '../recognising.ts';
import { toBytes, toText } from '../text.ts';
import { readCbor } from './cbor.ts';
import { imageType } from './images.ts';
import { readMessagePack } from './message-pack.ts';
import { readProtobuf, shownProtobuf } from './protobuf.ts';

// Messages that are a body and nothing else, for a viewer. Of those in binary most could be anything: they are recognised by what is
// unlikely to happen by chance, and the others are chosen by hand.

/** A message is one thing, or none of the kind. */
function kindOf(
  name: string,
  title: string,
  read: (data: MessageData) => readonly Decoded[] | undefined,
  recognise: (conversation: Conversation) => number,
): DecoderKind {
  return { name, title, recognise, create: () => ({ decode: (data) => read(data) }) };
}

function bySubprotocol(names: RegExp, otherwise: (conversation: Conversation) => number) {
  return (conversation: Conversation) => (names.test(conversation.subprotocol) ? 0.9 : otherwise(conversation));
}

/** JSON that is more than a number or a word. */
function isDocument(value: JsonValue | undefined): boolean {
  return isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

export const jsonDecoder = kindOf(
  'json',
  'JSON',
  (data) => {
    const text = typeof data === 'string' ? data : toText(data);
    const { value, problem } = text === undefined ? { problem: 'no UTF-8' } : readJson(text);
    return problem === undefined ? [{ kind: 'JSON', fields: [], body: { type: 'json', value } }] : undefined;
  },
  bySubprotocol(/^json$/i, (conversation) => {
    const share = shareOf(conversation, (data) => typeof data === 'string' && isDocument(readJson(data).value));
    return sureness(share, 0.5);
  }),
);

function binaryDecoder(
  name: string,
  title: string,
  read: (bytes: Uint8Array) => Readings<JsonValue>,
  subprotocols: RegExp,
): DecoderKind {
  const decode = (data: MessageData): readonly Decoded[] | undefined => {
    if (typeof data === 'string') return undefined;
    const { values, problem } = read(data);
    // Half of something is shown with its problem where a beginning of it was whole.
    if (problem !== undefined && values.length < 2) return undefined;
    return values.map((value, i) => ({
      kind: title,
      fields: [],
      body: { type: 'json', value },
      problem: i === values.length - 1 ? problem : undefined,
    }));
  };
  const isOfIt = (data: MessageData): boolean => {
    if (typeof data === 'string') return false;
    const { values, problem } = read(data);
    return problem === undefined && values.length === 1 && data.length >= 4 && isDocument(values[0]);
  };
  return kindOf(
    name,
    title,
    decode,
    bySubprotocol(subprotocols, (conversation) => sureness(shareOf(conversation, isOfIt), 0.45)),
  );
}

export const messagePackDecoder = binaryDecoder('msgpack', 'MessagePack', readMessagePack, /msgpack|messagepack/i);

export const cborDecoder = binaryDecoder('cbor', 'CBOR', readCbor, /cbor/i);

export const protobufDecoder = kindOf(
  'protobuf',
  'Protobuf (no schema)',
  (data) => {
    if (typeof data === 'string') return undefined;
    const { value, problem } = readProtobuf(data);
    if (problem !== undefined) return undefined;
    return [
      {
        kind: 'message',
        fields: [['fields', String(value.length)]],
        body: { type: 'json', value: shownProtobuf(value) },
      },
    ];
  },
  bySubprotocol(/protobuf/i, () => 0),
);

export const imageDecoder = kindOf(
  'image',
  'Images',
  (data) => {
    if (typeof data === 'string') return undefined;
    const type = imageType(data);
    return type === undefined ? undefined : [{ kind: type, fields: [], body: { type: 'binary', bytes: data } }];
  },
  (conversation) =>
    sureness(
      shareOf(conversation, (data) => typeof data !== 'string' && imageType(data) !== undefined),
      0.9,
    ),
);

export const textDecoder = kindOf(
  'text',
  'Text',
  (data) => {
    const text = toText(toBytes(data));
    return text === undefined ? undefined : [{ kind: 'text', fields: [], body: { type: 'text', text } }];
  },
  () => 0,
);
