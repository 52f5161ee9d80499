import {
  cborDecoder,
  imageDecoder,
  jsonDecoder,
  messagePackDecoder,
  protobufDecoder,
  textDecoder,
} from './bodies/decoders.ts';
import { centrifugoDecoder } from './centrifugo/decoder.ts';
import type { Conversation, DecoderKind } from './decoder.ts';
import { graphqlTransportWsDecoder, graphqlWsDecoder } from './graphql/decoder.ts';
import { jsonRpcDecoder } from './json-rpc/decoder.ts';
import { mqttDecoder } from './mqtt/decoder.ts';
import { pusherDecoder } from './pusher/decoder.ts';
import { socketIoDecoder } from './socket-io/decoder.ts';
import { stompDecoder } from './stomp/decoder.ts';

// Which decoders there are, and which one a connection needs.

/** In the order in which people look for them. */
export const decoderKinds: readonly DecoderKind[] = [
  socketIoDecoder,
  pusherDecoder,
  stompDecoder,
  mqttDecoder,
  centrifugoDecoder,
  graphqlTransportWsDecoder,
  graphqlWsDecoder,
  jsonRpcDecoder,
  jsonDecoder,
  messagePackDecoder,
  cborDecoder,
  protobufDecoder,
  imageDecoder,
  textDecoder,
];

/** Less is a guess that is wrong too often. */
const SURE_ENOUGH = 0.4;

/** The kind that recognises the conversation best, of equals the first; `undefined` if none is sure enough. */
export function chooseDecoder(conversation: Conversation): DecoderKind | undefined {
  let best: { kind: DecoderKind; sureness: number } | undefined;
  for (const kind of decoderKinds) {
    const sureness = kind.recognise(conversation);
    if (sureness >= SURE_ENOUGH && sureness > (best?.sureness ?? 0)) best = { kind, sureness };
  }
  return best?.kind;
}
