import type { JsonValue } from '../decoder.ts';
import { isArray, isObject, type JsonObject, readJsonObject } from '../json.ts';
import type { Reading } from '../reading.ts';

// GraphQL over WebSocket, twice: the subprotocol `graphql-transport-ws`
// (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), and `graphql-ws`, which is older and is another one
// (https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md).

export type GraphqlSubprotocol = 'graphql-transport-ws' | 'graphql-ws';

export interface GraphqlPacket {
  /** `connection_init`, `subscribe`, `next`, … */
  readonly type: string;
  /** Of the operation. */
  readonly id?: string | undefined;
  readonly payload?: JsonValue | undefined;
}

/** What packets of a type must have. */
interface Rule {
  readonly hasId: boolean;
  readonly payload: 'nothing much' | 'an operation' | 'an object' | 'an array';
}

const rule = (hasId: boolean, payload: Rule['payload'] = 'nothing much'): Rule => ({ hasId, payload });

const rules: Record<GraphqlSubprotocol, ReadonlyMap<string, Rule>> = {
  'graphql-transport-ws': new Map([
    ['connection_init', rule(false)],
    ['connection_ack', rule(false)],
    ['ping', rule(false)],
    ['pong', rule(false)],
    ['subscribe', rule(true, 'an operation')],
    ['next', rule(true, 'an object')],
    ['error', rule(true, 'an array')],
    ['complete', rule(true)],
  ]),
  'graphql-ws': new Map([
    ['connection_init', rule(false)],
    ['connection_ack', rule(false)],
    ['connection_error', rule(false)],
    ['ka', rule(false)],
    ['start', rule(true, 'an operation')],
    ['data', rule(true, 'an object')],
    ['error', rule(true)],
    ['complete', rule(true)],
    ['stop', rule(true)],
    ['connection_terminate', rule(false)],
  ]),
};

export function readGraphql(text: string, subprotocol: GraphqlSubprotocol): Reading<GraphqlPacket> {
  const { value: json, problem } = readJsonObject(text);
  if (problem !== undefined) return { problem };
  const { type, id, payload } = json;
  if (typeof type !== 'string') return { problem: 'no type' };
  const needs = rules[subprotocol].get(type);
  if (needs === undefined) return { problem: `${subprotocol} has no type ${JSON.stringify(type.slice(0, 100))}` };
  const wrong = idProblem(id, needs) ?? payloadProblem(payload, needs);
  if (wrong !== undefined) return { problem: `${type} ${wrong}` };
  return { value: { type, ...(typeof id === 'string' && { id }), ...(payload !== undefined && { payload }) } };
}

function idProblem(id: JsonValue | undefined, { hasId }: Rule): string | undefined {
  return hasId && (typeof id !== 'string' || id === '') ? 'without an id' : undefined;
}

function payloadProblem(payload: JsonValue | undefined, { payload: needed }: Rule): string | undefined {
  if (needed === 'nothing much') return undefined;
  if (needed === 'an array') return isArray(payload) ? undefined : 'whose payload is no array';
  if (!isObject(payload)) return 'whose payload is no object';
  // Persisted operations have an extension in place of the query.
  const isOperation = typeof payload.query === 'string' || isObject(payload.extensions);
  return needed === 'an operation' && !isOperation ? 'without a query' : undefined;
}

/** @throws TypeError if the subprotocol has no such type, or the packet lacks what it needs */
export function writeGraphql(packet: GraphqlPacket, subprotocol: GraphqlSubprotocol): string {
  const { type, id, payload } = packet;
  const needs = rules[subprotocol].get(type);
  if (needs === undefined) throw new TypeError(`type must be one that ${subprotocol} has`);
  const wrong = idProblem(id, needs) ?? payloadProblem(payload, needs);
  if (wrong !== undefined) throw new TypeError(`packet must not be a ${type} ${wrong}`);
  return JSON.stringify({ id, type, payload });
}

/** What an operation is, as far as its text shows it without being parsed. */
export function graphqlOperation({ query, operationName }: JsonObject): { type?: string; name?: string } {
  const said = typeof query === 'string' ? query.slice(0, 10_000) : '';
  const [, type, name] = /^(?:\s|#[^\n]*\n|,)*(query|mutation|subscription)\b\s*([A-Za-z_]\w*)?/.exec(said) ?? [];
  const called = typeof operationName === 'string' && operationName !== '' ? operationName : name;
  const kind = type ?? (/^\s*\{/.test(said) ? 'query' : undefined);
  return { ...(kind !== undefined && { type: kind }), ...(called !== undefined && { name: called }) };
}

const closeMeanings: ReadonlyMap<number, string> = new Map([
  [4400, 'a message that is none of the protocol'],
  [4401, 'an operation before the connection was acknowledged'],
  [4403, 'the server does not accept the connection'],
  [4406, 'the subprotocol is not acceptable'],
  [4408, 'connection_init did not come in time'],
  [4409, 'an operation with this id is there already'],
  [4429, 'more than one connection_init'],
  [4500, 'internal server error'],
  [4504, 'connection_ack did not come in time'],
]);

/** Of the code of a Close frame. */
export function graphqlCloseMeaning(code: number): string | undefined {
  return closeMeanings.get(code);
}
