import { hkdfSync, timingSafeEqual } from 'node:crypto';
import { Rate } from '../rate.ts';
import { digestOf } from '../secrets.ts';
import { Problem } from './problems.ts';

// Who may ask for what. A request has a key, in one of two headers, and a key has a name for the log.

/** One who may use the API. */
export interface ApiKey {
  /** For the log. */
  readonly name: string;
  readonly key: string;
  /** What it may be used for, such as `publish`. Default: everything. */
  readonly operations?: readonly string[] | undefined;
  /**
   * The namespaces of the channels that it may be used for; `''` is the one without a name. It is then of no use for what
   * concerns more than channels: users and nodes. Default: everything.
   */
  readonly namespaces?: readonly string[] | undefined;
  /** Requests in a second, on average; those of a batch count one by one. Default: no limit. */
  readonly rate?: number | undefined;
}

/** At least 16 characters that can stand in a header as they are. */
const KEY = /^[\x21-\x7e]{16,}$/;

/** A key that was found to be right. */
export class Grant {
  readonly name: string;
  readonly #operations: ReadonlySet<string> | undefined;
  readonly #namespaces: ReadonlySet<string> | undefined;
  readonly #rate: Rate | undefined;

  constructor({ name, operations, namespaces, rate }: ApiKey) {
    this.name = name;
    this.#operations = operations && new Set(operations);
    this.#namespaces = namespaces && new Set(namespaces);
    this.#rate = rate === undefined ? undefined : new Rate(rate);
  }

  /** What it is for; `undefined` for everything. */
  get operations(): readonly string[] | undefined {
    return this.#operations && [...this.#operations];
  }

  /** @throws Problem `too-many-requests` */
  count(): void {
    if (this.#rate?.take(1) === false) throw new Problem('too-many-requests');
  }

  /**
   * @param channels that are concerned; `undefined` if it is about something else
   * @throws Problem `forbidden`
   */
  check(operation: string, channels: readonly string[] | undefined): void {
    if (this.#operations?.has(operation) === false) {
      throw new Problem('forbidden', { detail: `This key is not for ${operation}.` });
    }
    const namespaces = this.#namespaces;
    if (namespaces === undefined) return;
    if (channels === undefined) throw new Problem('forbidden', { detail: 'This key is for channels only.' });
    const foreign = channels.find((channel) => !namespaces.has(namespaceOf(channel)));
    if (foreign !== undefined) throw new Problem('forbidden', { detail: `This key is not for ${foreign}.` });
  }
}

function namespaceOf(channel: string): string {
  const colon = channel.indexOf(':');
  return colon === -1 ? '' : channel.slice(0, colon);
}

/** A key of a service, without the key itself. */
export interface KeyHolder {
  readonly grant: Grant;
  /** What sessions under this key are signed with: another key, another secret. */
  readonly sessionSecret: Uint8Array;
}

interface Held extends KeyHolder {
  readonly digest: Buffer;
}

/** Says what the secret is for, so that the key serves nothing else by it (RFC 5869, 3.2). */
const SESSIONS = 'tidewire console session 1';

/** All keys of a service. */
export class Keyring {
  readonly #keys: readonly Held[];

  /** @throws RangeError naming the key that makes no sense, or is there twice */
  constructor(keys: readonly ApiKey[]) {
    const seen = new Set<string>();
    for (const { name, key, rate = 1 } of keys) {
      if (!KEY.test(key)) {
        throw new RangeError(`The API key ${name} must have 16 or more characters: printable ASCII without spaces`);
      }
      if (!(rate > 0)) throw new RangeError(`The rate of the API key ${name} must be a positive number, not ${rate}`);
      if (seen.has(key)) throw new RangeError(`The API key ${name} is there twice`);
      seen.add(key);
    }
    this.#keys = keys.map((each) => ({
      digest: digestOf(each.key),
      grant: new Grant(each),
      sessionSecret: new Uint8Array(hkdfSync('sha256', each.key, '', SESSIONS, 32)),
    }));
  }

  get holders(): readonly KeyHolder[] {
    return this.#keys;
  }

  /**
   * @param otherwise who asks, if no key is given
   * @throws Problem `unauthorized`
   */
  admit(headers: Headers, otherwise?: Grant): Grant {
    const given = keyOf(headers);
    if (given === undefined && otherwise !== undefined) return otherwise;
    if (given === undefined) throw unauthorized('Bearer realm="tidewire"');
    const found = this.find(given)?.grant;
    if (found === undefined) throw unauthorized('Bearer realm="tidewire", error="invalid_token"');
    return found;
  }

  /** Whose key this is. */
  find(key: string): KeyHolder | undefined {
    const digest = digestOf(key);
    let found: KeyHolder | undefined;
    // All are looked at, so that the time tells nothing of which it was.
    for (const each of this.#keys) if (timingSafeEqual(each.digest, digest)) found = each;
    return found;
  }
}

function keyOf(headers: Headers): string | undefined {
  const authorization = headers.get('authorization');
  if (authorization === null) return headers.get('x-api-key') ?? undefined;
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}

/** RFC 6750, 3: who sends no key is not told of an error. */
function unauthorized(challenge: string): Problem {
  return new Problem('unauthorized', { headers: { 'WWW-Authenticate': challenge } });
}
