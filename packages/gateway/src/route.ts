import { isIP } from 'node:net';
import { isToken } from '@tidewire/protocol';
import { kinds, type TargetKind } from './kinds.ts';
import type { Target, TargetTls } from './target.ts';

// Targets with their defaults, and which of them a request is for.

/** A target with its defaults. */
export interface Route {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly kind: TargetKind;
  /** What TLS is begun with before the client is accepted. */
  readonly tls: TargetTls | undefined;
  /** What is used when a translator begins TLS. */
  readonly tlsOptions: TargetTls;
  /** Whether TLS is spoken from the first byte on, whoever begins it. */
  readonly isEncrypted: boolean;
  readonly encryption: 'offered' | 'required' | 'none';
  readonly maxStanzaSize: number;
  readonly path: string;
  readonly subprotocols: readonly string[];
  readonly messages: 'auto' | 'text' | 'binary';
  readonly maxMessageSize: number;
  readonly connectTimeout: number;
  /** `Infinity` for never. */
  readonly idleTimeout: number;
  readonly proxyProtocol: boolean;
}

export const DEFAULT_MAX_MESSAGE = 16 * 1024 * 1024;
const DEFAULT_MAX_STANZA = 256 * 1024;
const CONNECT_TIMEOUT = 5000;
const IDLE_TIMEOUT = 3_600_000;

/** What a request is for. */
export interface Choice {
  readonly route: Route;
  /** `undefined` where the client asked for none. */
  readonly subprotocol: string | undefined;
}

export class Routes {
  readonly all: readonly Route[];
  readonly #byPath = new Map<string, Route[]>();

  /** @throws TypeError or RangeError naming the target and what is wrong with it */
  constructor(targets: readonly Target[]) {
    if (!Array.isArray(targets) || targets.length === 0) throw new TypeError('targets must have a target at least');
    this.all = targets.map(resolveTarget);
    const names = new Set<string>();
    for (const route of this.all) {
      if (names.has(route.name)) throw new TypeError(`targets has two that are called ${route.name}`);
      names.add(route.name);
      const others = this.#byPath.get(route.path) ?? [];
      for (const other of others) {
        const shared = route.subprotocols.find((name) => other.subprotocols.includes(name));
        if (shared !== undefined) {
          throw new TypeError(`${route.name} and ${other.name} are both ${shared} at ${route.path}`);
        }
      }
      this.#byPath.set(route.path, [...others, route]);
    }
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /**
   * The target that speaks the first of the client's subprotocols that any does; of those, what the target prefers.
   * @returns what is spoken at this path, if the client asked for nothing of it
   */
  choose(path: string, wanted: readonly string[]): Choice | readonly string[] {
    const routes = this.#byPath.get(path) ?? [];
    if (wanted.length === 0) {
      const raw = routes.find(({ subprotocols }) => subprotocols.includes('binary'));
      if (raw !== undefined) return { route: raw, subprotocol: undefined };
    }
    for (const name of wanted) {
      const route = routes.find(({ subprotocols }) => subprotocols.includes(name));
      if (route !== undefined) return { route, subprotocol: route.subprotocols.find((each) => wanted.includes(each)) };
    }
    return routes.flatMap(({ subprotocols }) => subprotocols);
  }
}

/** What a target speaks, the preferred first. */
export function subprotocolsOf({ name, type = 'stream', subprotocols }: Target): readonly string[] {
  const kind: TargetKind = kinds[type];
  return subprotocols ?? kind.subprotocols(name);
}

function resolveTarget(target: Target): Route {
  const { name, host, port, type = 'stream', tls = false, messages = 'auto', proxyProtocol = false } = target;
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw new TypeError(`The name of a target must be letters, digits, dots and dashes, not ${JSON.stringify(name)}`);
  }
  const of = `of the target ${name}`;
  if (typeof host !== 'string' || host === '') throw new TypeError(`host ${of} must be a name or an address`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`port ${of} must be from 1 to 65535, not ${String(port)}`);
  }
  if (!Object.hasOwn(kinds, type)) throw new TypeError(`type ${of} must be ${Object.keys(kinds).join(' or ')}`);
  const kind: TargetKind = kinds[type];
  const { path = `/${name}` } = target;
  const subprotocols = subprotocolsOf(target);
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)) throw new TypeError(`path ${of} must begin with a slash`);
  if (!Array.isArray(subprotocols) || subprotocols.length === 0 || !subprotocols.every(isToken)) {
    throw new TypeError(`subprotocols ${of} must be a list of tokens`);
  }
  if (messages !== 'auto' && messages !== 'text' && messages !== 'binary') {
    throw new TypeError(`messages ${of} must be 'auto', 'text' or 'binary'`);
  }
  const { encryption = 'offered' } = target;
  if (encryption !== 'offered' && encryption !== 'required' && encryption !== 'none') {
    throw new TypeError(`encryption ${of} must be 'offered', 'required' or 'none'`);
  }
  const ownTls = typeof tls === 'object' ? tls : {};
  const tlsOptions = target.startTls ?? ownTls;
  for (const [option, { cert, key }] of Object.entries({ tls: ownTls, startTls: tlsOptions })) {
    if ((cert === undefined) !== (key === undefined)) {
      throw new TypeError(`${option} ${of} must have cert and key, or neither`);
    }
  }
  return {
    ...{ name, port, kind, path, subprotocols, messages, proxyProtocol, tlsOptions, encryption },
    // As in a URL.
    host: isIP(host.replace(/^\[(.*)\]$/, '$1')) === 6 ? host.replace(/^\[(.*)\]$/, '$1') : host,
    tls: tls === false || kind.beginsTls ? undefined : ownTls,
    isEncrypted: tls !== false,
    maxStanzaSize: positive(`maxStanzaSize ${of}`, target.maxStanzaSize, DEFAULT_MAX_STANZA),
    maxMessageSize: positive(`maxMessageSize ${of}`, target.maxMessageSize, DEFAULT_MAX_MESSAGE),
    connectTimeout: positive(`connectTimeout ${of}`, target.connectTimeout, CONNECT_TIMEOUT),
    idleTimeout: positive(`idleTimeout ${of}`, target.idleTimeout, IDLE_TIMEOUT),
  };
}

/** @throws RangeError naming the option; `false` is `Infinity` */
export function positive(name: string, given: number | false | undefined, byDefault: number): number {
  if (given === false) return Number.POSITIVE_INFINITY;
  const value = given ?? byDefault;
  if (typeof value === 'number' && value > 0) return value;
  throw new RangeError(`${name} must be a positive number, not ${String(value)}`);
}
