import type { JsonValue } from '../decoder.ts';
import { isArray, isObject, type JsonObject, readJson } from '../json.ts';
import { MAX_PACKETS, type Reading, type Readings } from '../reading.ts';

// JSON-RPC 2.0: https://www.jsonrpc.org/specification

/** `null` where an error answers what could not be read. */
export type JsonRpcId = string | number | null;

export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue | undefined;
}

type Params = readonly JsonValue[] | JsonObject;

export type JsonRpcPacket =
  | { readonly type: 'request'; readonly id: JsonRpcId; readonly method: string; readonly params?: Params | undefined }
  /** A request that wants no answer. */
  | { readonly type: 'notification'; readonly method: string; readonly params?: Params | undefined }
  | { readonly type: 'result'; readonly id: JsonRpcId; readonly result: JsonValue }
  | { readonly type: 'error'; readonly id: JsonRpcId; readonly error: JsonRpcError };

/** The packets of a message: several where it is a batch. */
export interface JsonRpcReading extends Readings<JsonRpcPacket> {
  readonly isBatch: boolean;
}

export function readJsonRpc(text: string): JsonRpcReading {
  const { value: json, problem: wrong } = readJson(text);
  if (wrong !== undefined) return { values: [], isBatch: false, problem: wrong };
  const isBatch = isArray(json);
  const all = isBatch ? json : [json];
  const values: JsonRpcPacket[] = [];
  for (const each of all.slice(0, MAX_PACKETS)) {
    const { value, problem } = readPacket(each);
    if (problem !== undefined) return { values, isBatch, problem };
    values.push(value);
  }
  if (all.length > MAX_PACKETS) return { values, isBatch, problem: `a batch of more than ${MAX_PACKETS}` };
  return all.length === 0 ? { values, isBatch, problem: 'an empty batch' } : { values, isBatch };
}

function readPacket(json: JsonValue): Reading<JsonRpcPacket> {
  if (!isObject(json) || json.jsonrpc !== '2.0')
    return { problem: 'no JSON-RPC 2.0: it must be an object with "jsonrpc":"2.0"' };
  const { id } = json;
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number')
    return { problem: 'an id that is no string, number or null' };
  if (Object.hasOwn(json, 'method')) return readCall(id, json);
  if (id === undefined) return { problem: 'an answer without an id' };
  const { result, error } = json;
  if (result !== undefined && error !== undefined) return { problem: 'an answer with a result and an error' };
  if (result !== undefined) return { value: { type: 'result', id, result } };
  if (!isObject(error)) return { problem: 'neither a method, nor a result, nor an error' };
  const { code, message, data } = error;
  if (typeof code !== 'number' || typeof message !== 'string')
    return { problem: 'an error without a code and a message' };
  return { value: { type: 'error', id, error: data === undefined ? { code, message } : { code, message, data } } };
}

function readCall(id: JsonRpcId | undefined, { method, params }: JsonObject): Reading<JsonRpcPacket> {
  if (typeof method !== 'string') return { problem: 'a method that is no string' };
  if (params !== undefined && !isObject(params) && !isArray(params))
    return { problem: 'params that are neither an array nor an object' };
  const call = params === undefined ? { method } : { method, params };
  return { value: id === undefined ? { type: 'notification', ...call } : { type: 'request', id, ...call } };
}

/**
 * One packet, or an array of them as a batch.
 * @throws TypeError if a batch is empty
 */
export function writeJsonRpc(packets: JsonRpcPacket | readonly JsonRpcPacket[]): string {
  if (!isBatchOf(packets)) return JSON.stringify(jsonOf(packets));
  if (packets.length === 0) throw new TypeError('packets must not be empty');
  return JSON.stringify(packets.map(jsonOf));
}

function isBatchOf(packets: JsonRpcPacket | readonly JsonRpcPacket[]): packets is readonly JsonRpcPacket[] {
  return Array.isArray(packets);
}

function jsonOf({ type: _type, ...packet }: JsonRpcPacket): object {
  return { jsonrpc: '2.0', ...packet };
}

const meanings: ReadonlyMap<number, string> = new Map([
  [-32700, 'Parse error'],
  [-32600, 'Invalid Request'],
  [-32601, 'Method not found'],
  [-32602, 'Invalid params'],
  [-32603, 'Internal error'],
]);

/** As the specification calls it; `undefined` of codes that are the application's. */
export function jsonRpcErrorMeaning(code: number): string | undefined {
  return meanings.get(code) ?? (code >= -32099 && code <= -32000 ? 'Server error' : undefined);
}
