import { withoutItsEnd } from '../cut.ts';
import type { Conversation, Decoded, Decoder, DecoderKind, Direction, MessageData } from '../decoder.ts';
import { shareOf, sureness } from '../recognising.ts';
import { bodyOfBytes, toBytes } from '../text.ts';
import { StompReader } from './reader.ts';
import {
  clientCommands,
  type StompFrame,
  type StompHeartBeat,
  type StompVersion,
  serverCommands,
  stompHeader,
} from './stomp.ts';

// STOMP for a viewer.

/** By what pairs a request with its answer. */
const ids = ['receipt', 'receipt-id', 'message-id', 'id'];

class StompDecoder implements Decoder {
  readonly #readers = { toServer: new StompReader(), toClient: new StompReader() };

  decode(data: MessageData, direction: Direction, isCut = false): readonly Decoded[] | undefined {
    const reader = this.#readers[direction];
    const went = reader.isWithinFrame;
    const { values, problem } = reader.read(data);
    const decoded = values.map(shown);
    const connected = values.find((frame) => frame.command === 'CONNECTED');
    if (connected !== undefined && 'headers' in connected) this.#agreeOn(stompHeader(connected, 'version') ?? '1.0');
    if (problem !== undefined) {
      if (!went && decoded.length === 0 && !begins(toBytes(data.slice(0, 16)))) return undefined;
      return [...decoded, { kind: 'frame', fields: [], problem }];
    }
    const head = isCut ? reader.abandon() : undefined;
    if (head !== undefined) decoded.push(shown({ ...head, body: new Uint8Array(0) }));
    if (isCut) return withoutItsEnd(decoded.length > 0 ? decoded : [part(data)]);
    // A piece of a frame says nothing by itself, but it is of STOMP.
    return decoded.length === 0 && data.length > 0 ? [part(data)] : decoded;
  }

  #agreeOn(version: string): void {
    if (!isVersion(version)) return;
    this.#readers.toServer.version = version;
    this.#readers.toClient.version = version;
  }
}

function part(data: MessageData): Decoded {
  const fields = [
    ['length', `${data.length}`],
    ['frame', 'goes on in the next message'],
  ] as const;
  return { kind: 'part', fields };
}

function isVersion(version: string): version is StompVersion {
  return version === '1.0' || version === '1.1' || version === '1.2';
}

function shown(frame: StompFrame | StompHeartBeat): Decoded {
  if (!('headers' in frame)) return { kind: 'heart-beat', fields: [] };
  const id = ids.map((name) => stompHeader(frame, name)).find((each) => each !== undefined);
  const isKnown = clientCommands.has(frame.command) || serverCommands.has(frame.command);
  return {
    kind: frame.command,
    about: stompHeader(frame, 'destination'),
    id,
    fields: frame.headers,
    body: bodyOfBytes(frame.body),
    problem: isKnown ? undefined : 'STOMP has no such command',
  };
}

function begins(bytes: Uint8Array): boolean {
  const [word = ''] = /^[A-Z]*/.exec(String.fromCharCode(...bytes.subarray(0, 16))) ?? [];
  return clientCommands.has(word) || serverCommands.has(word);
}

function recognise(conversation: Conversation): number {
  if (/^v1[0-2]\.stomp$/.test(conversation.subprotocol)) return 1;
  const share = shareOf(conversation, (data) => {
    const bytes = toBytes(data.slice(0, 16));
    return begins(bytes) || data === '\n';
  });
  const first = conversation.messages.find(({ data }) => data !== '\n')?.data;
  const isFirst = first !== undefined && begins(toBytes(first.slice(0, 16)));
  return isFirst ? sureness(Math.max(share, 0.75), 0.9) : sureness(share, 0.6);
}

export const stompDecoder: DecoderKind = {
  name: 'stomp',
  title: 'STOMP',
  recognise,
  create: () => new StompDecoder(),
};
