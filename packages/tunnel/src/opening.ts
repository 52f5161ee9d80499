import { isToken, type Platform } from '@tidewire/protocol';
import { readTunnelParameters, type TunnelParameters } from './parameters.ts';
import { KEY_LENGTH, VERSION } from './records.ts';
import { parseJson, property, type TunnelRefusalCode } from './refusals.ts';

// How a session begins: one POST of JSON, answered with JSON. PROTOCOL.md, section 2.

/** The largest body of an opening, in bytes. */
export const MAX_OPENING_SIZE = 8192;

/** What the query of a URL calls the tunnel. */
export const TUNNEL_PARAMETER = 'tidewire-tunnel';

/** What names a session, and what proves that one may use it. */
export interface TunnelIdentity {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** 16 bytes. */
  readonly key: Uint8Array;
}

/** What the client of a session knows of it. */
export interface OpenedTunnel extends TunnelIdentity {
  /** Empty if the server chose none. */
  readonly subprotocol: string;
  readonly parameters: TunnelParameters;
}

/** The body of an opening. The subprotocols must be tokens, none of them twice. */
export function openingRequest(subprotocols: readonly string[]): string {
  return JSON.stringify({ version: VERSION, subprotocols });
}

/** What a body asks for, or why it is refused. Never throws. */
export function readOpeningRequest(
  body: Uint8Array,
  platform: Platform,
): { readonly subprotocols: readonly string[] } | TunnelRefusalCode {
  if (body.length > MAX_OPENING_SIZE) return 'TOO_LARGE';
  const said = parseJson(platform.utf8Decode(body, 0, body.length) ?? '');
  const version = property(said, 'version');
  if (typeof version !== 'number') return 'MALFORMED';
  if (version !== VERSION) return 'VERSION';
  const subprotocols = property(said, 'subprotocols');
  if (!Array.isArray(subprotocols) || !subprotocols.every((name) => typeof name === 'string' && isToken(name))) {
    return 'MALFORMED';
  }
  return new Set(subprotocols).size === subprotocols.length ? { subprotocols } : 'MALFORMED';
}

/** An identity that nobody can guess. */
export function createIdentity(platform: Platform): TunnelIdentity {
  const bytes = new Uint8Array(2 * KEY_LENGTH);
  platform.randomFill(bytes);
  return { id: toHex(bytes.subarray(0, KEY_LENGTH)), key: bytes.slice(KEY_LENGTH) };
}

/** The body that answers an opening that is accepted. */
export function openingAnswer({ id, key, subprotocol, parameters }: OpenedTunnel): string {
  return JSON.stringify({ version: VERSION, id, key: toHex(key), subprotocol, parameters });
}

/** What a body with status 200 has opened, or `undefined` if it is no answer to an opening. Never throws. */
export function readOpeningAnswer(body: string, asked: readonly string[]): OpenedTunnel | undefined {
  const said = parseJson(body);
  const id = property(said, 'id');
  const key = property(said, 'key');
  const subprotocol = property(said, 'subprotocol');
  const parameters = readTunnelParameters(property(said, 'parameters'));
  if (property(said, 'version') !== VERSION || parameters === undefined) return undefined;
  if (!isIdentifier(id) || !isIdentifier(key) || typeof subprotocol !== 'string') return undefined;
  if (subprotocol !== '' && !asked.includes(subprotocol)) return undefined;
  return { id, key: fromHex(key), subprotocol, parameters };
}

/** Whether `value` can be the id of a session. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

/** Whether two keys are the same, in a time that does not tell how far they are. */
export function areSameKeys(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [i, byte] of one.entries()) difference |= byte ^ (other[i] ?? 0);
  return difference === 0;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
