import type { Conversation, Decoded, Decoder, DecoderKind, MessageData } from '../decoder.ts';
import { isArray, isObject, readJsonObject } from '../json.ts';
import { shareOf, sureness } from '../recognising.ts';
import { Waiting } from '../waiting.ts';
import { type GraphqlPacket, type GraphqlSubprotocol, graphqlOperation, readGraphql } from './graphql.ts';

// GraphQL over WebSocket for a viewer. Only the first packet of an operation says its name.

class GraphqlDecoder implements Decoder {
  readonly #subprotocol: GraphqlSubprotocol;
  readonly #operations = new Waiting<string, string | undefined>();

  constructor(subprotocol: GraphqlSubprotocol) {
    this.#subprotocol = subprotocol;
  }

  decode(data: MessageData): readonly Decoded[] | undefined {
    if (typeof data !== 'string') return undefined;
    const { value, problem } = readGraphql(data, this.#subprotocol);
    if (problem === undefined) return [this.#shown(value)];
    const { value: json } = readJsonObject(data);
    if (typeof json?.type !== 'string') return undefined;
    return [{ kind: json.type, fields: [], body: { type: 'json', value: json }, problem }];
  }

  #shown(packet: GraphqlPacket): Decoded {
    const { type, id, payload } = packet;
    const fields: [string, string][] = [];
    if ((type === 'subscribe' || type === 'start') && id !== undefined && isObject(payload)) {
      const operation = graphqlOperation(payload);
      if (operation.type !== undefined) fields.push(['operation', operation.type]);
      this.#operations.add(id, operation.name ?? operation.type);
    }
    const errors = isObject(payload) ? payload.errors : type === 'error' ? payload : undefined;
    if (isArray(errors)) fields.push(['errors', String(errors.length)]);
    const isLast = type === 'complete' || type === 'stop' || type === 'error';
    const about = id === undefined ? undefined : isLast ? this.#operations.take(id) : this.#operations.get(id);
    return {
      kind: type,
      about,
      id,
      fields,
      body: payload === undefined ? undefined : { type: 'json', value: payload },
    };
  }
}

function recogniser(subprotocol: GraphqlSubprotocol): (conversation: Conversation) => number {
  const other = subprotocol === 'graphql-ws' ? 'graphql-transport-ws' : 'graphql-ws';
  return (conversation) => {
    if (conversation.subprotocol === subprotocol) return 1;
    if (conversation.subprotocol === other) return 0;
    const isOfIt = (data: MessageData) =>
      typeof data === 'string' && readGraphql(data, subprotocol).problem === undefined;
    // Many protocols have types that are called `ping` or `error`; `connection_init` is nobody else's.
    const isSaid =
      shareOf(
        conversation,
        (data) => typeof data === 'string' && /"connection_(?:init|ack)"/.test(data) && isOfIt(data),
      ) > 0;
    return isSaid ? sureness(shareOf(conversation, isOfIt), 0.9) : 0;
  };
}

export const graphqlTransportWsDecoder: DecoderKind = {
  name: 'graphql-transport-ws',
  title: 'GraphQL',
  recognise: recogniser('graphql-transport-ws'),
  create: () => new GraphqlDecoder('graphql-transport-ws'),
};

export const graphqlWsDecoder: DecoderKind = {
  name: 'graphql-ws',
  title: 'GraphQL (older: subscriptions-transport-ws)',
  recognise: recogniser('graphql-ws'),
  create: () => new GraphqlDecoder('graphql-ws'),
};
