import type { Conversation, Decoded, Decoder, DecoderKind, JsonValue, MessageData } from '../decoder.ts';
import { fieldText, isArray, isObject, numberOf, stringOf } from '../json.ts';
import { shareOf, sureness, targetOf } from '../recognising.ts';
import { type PusherPacket, pusherErrorMeaning, readPusher } from './pusher.ts';

// Pusher for a viewer.

function decode(data: MessageData): readonly Decoded[] | undefined {
  if (typeof data !== 'string') return undefined;
  const { value, problem } = readPusher(data);
  return problem === undefined ? [shown(value)] : undefined;
}

function shown(packet: PusherPacket): Decoded {
  const { event, data, userId } = packet;
  const inner = isObject(data) ? data : {};
  const fields: [string, string][] = [];
  if (userId !== undefined) fields.push(['user_id', userId]);
  if (packet.isDataText) fields.push(['data', 'JSON in a string']);
  if (event === 'pusher:error') fields.push(...fieldsOfError(inner));
  fields.push(...fieldsOfPresence(inner));
  return {
    kind: event,
    about: packet.channel ?? stringOf(inner.channel),
    id: undefined,
    fields,
    body:
      data === undefined
        ? undefined
        : typeof data === 'string'
          ? { type: 'text', text: data }
          : { type: 'json', value: data },
  };
}

function fieldsOfError(data: { readonly [key: string]: JsonValue }): [string, string][] {
  const code = numberOf(data.code);
  const meaning = code === undefined ? undefined : pusherErrorMeaning(code);
  return code === undefined ? [] : [['code', meaning === undefined ? String(code) : `${code}: ${meaning}`]];
}

/** How many are there, of what a presence channel says upon subscribing. */
function fieldsOfPresence(data: { readonly [key: string]: JsonValue }): [string, string][] {
  const { presence } = data;
  if (!isObject(presence)) return [];
  const { count, ids } = presence;
  if (count !== undefined) return [['members', fieldText(count)]];
  return isArray(ids) ? [['members', String(ids.length)]] : [];
}

function isPusher(data: MessageData): boolean {
  return typeof data === 'string' && readPusher(data).value !== undefined;
}

/** Events of the protocol itself: others have members that are called `event`, too. */
function isTelling(data: MessageData): boolean {
  return typeof data === 'string' && /^pusher(?:_internal)?:/.test(readPusher(data).value?.event ?? '');
}

function recognise(conversation: Conversation): number {
  const { path, query } = targetOf(conversation);
  if (/\/app\/[^/]+$/.test(path) && /^[4-7]$/.test(query.get('protocol') ?? '')) return 1;
  if (shareOf(conversation, isTelling) === 0) return 0;
  return sureness(shareOf(conversation, isPusher), 0.9);
}

export const pusherDecoder: DecoderKind = {
  name: 'pusher',
  title: 'Pusher',
  recognise,
  create: (): Decoder => ({ decode }),
};
