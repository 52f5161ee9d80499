import type { Retention } from './engine.ts';
import type { NamespaceOptions, PresenceOptions, SlowConsumerPolicy } from './namespaces.ts';

// The namespaces of a hub as it works with them: every option has a value, and what is wrong was refused.

export interface Namespace {
  /** The empty string for the one without a name. */
  readonly name: string;
  readonly options: NamespaceOptions;
  /** `undefined` if nothing is kept. */
  readonly retention: Retention | undefined;
  readonly isRecoverable: boolean;
  readonly slowConsumer: SlowConsumerPolicy;
  readonly maxQueueSize: number;
  readonly maxPublicationSize: number;
  readonly publishRate: number;
  /** `undefined` if nobody knows who is in a channel. */
  readonly presence: ResolvedPresence | undefined;
  readonly hasOccupancy: boolean;
}

export type ResolvedPresence = Required<{ [Key in keyof PresenceOptions]: NonNullable<PresenceOptions[Key]> }>;

const DAY = 24 * 60 * 60 * 1000;
/** What engines call the store of the namespace without a name; no other may be called that. */
const NAMELESS = '_';

export class NamespaceTable {
  /** As they were given. */
  readonly options: Readonly<Record<string, NamespaceOptions>>;
  readonly #byName = new Map<string, Namespace>();

  /** @throws RangeError naming the namespace and the option that makes no sense */
  constructor(namespaces: Readonly<Record<string, NamespaceOptions>>) {
    this.options = namespaces;
    for (const [name, options] of Object.entries(namespaces)) this.#byName.set(name, resolved(name, options));
  }

  /** Milliseconds that a lost connection is present at most. */
  get longestGrace(): number {
    return Math.max(0, ...[...this.#byName.values()].map(({ presence }) => presence?.grace ?? 0));
  }

  /** @param channel a channel's name, or a prefix with its star */
  of(channel: string): Namespace | undefined {
    return this.#byName.get(namespaceOf(channel));
  }
}

export function namespaceOf(channel: string): string {
  const colon = channel.indexOf(':');
  return colon < 0 ? '' : channel.slice(0, colon);
}

/** Whether `name` stands for all channels with a prefix. */
export function isPrefix(name: string): boolean {
  return name.endsWith(':*');
}

/** The hub's own channels, which no client reaches. */
export const OWN = '@';

/** Whether clients and applications may use it as a channel's name. */
export function isChannelName(name: string, maxLength: number): boolean {
  if (name.length === 0 || name.length > maxLength || name.startsWith(OWN)) return false;
  return !/[\p{Cc}\p{Surrogate}*]/u.test(isPrefix(name) ? name.slice(0, -1) : name);
}

/** Characters. What OpenID Connect Core 1.0, 2, allows a subject; a broker's subjects have room for these. */
const LONGEST_USER = 255;

/** Whether a user may be called that: its orders go through a channel with this name. */
export function isUserName(user: string): boolean {
  return user.length <= LONGEST_USER && !/\p{Surrogate}/u.test(user);
}

function resolved(name: string, options: NamespaceOptions): Namespace {
  const where = `namespaces['${name}']`;
  if (name !== '' && !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
    throw new RangeError(`${where} must be named with letters, digits, - and _, and begin with one of the first two`);
  }
  const { history, maxQueueSize = 1024 * 1024, maxPublicationSize = 64 * 1024, publishRate } = options;
  assertCount(`${where}.maxQueueSize`, maxQueueSize);
  assertCount(`${where}.maxPublicationSize`, maxPublicationSize);
  if (publishRate !== undefined) assertCount(`${where}.publishRate`, publishRate);
  return {
    name,
    options,
    retention: history === undefined ? undefined : retentionOf(name, where, history),
    isRecoverable: history !== undefined && options.recovery !== false,
    slowConsumer: options.slowConsumer ?? 'disconnect',
    maxQueueSize,
    maxPublicationSize,
    publishRate: publishRate ?? Number.POSITIVE_INFINITY,
    presence: presenceOf(where, options.presence),
    hasOccupancy: options.occupancy === true,
  };
}

function presenceOf(where: string, given: NamespaceOptions['presence']): ResolvedPresence | undefined {
  if (given === undefined || given === false) return undefined;
  const { grace = 5000, events = 'connection' } = given === true ? {} : given;
  if (!(grace >= 0 && grace <= 10 * 60_000)) {
    throw new RangeError(`${where}.presence.grace must be from 0 to 600000 milliseconds, not ${String(grace)}`);
  }
  if (!['connection', 'user', 'none'].includes(events)) {
    throw new RangeError(`${where}.presence.events must be connection, user or none, not ${String(events)}`);
  }
  return { grace, events };
}

function retentionOf(name: string, where: string, history: NonNullable<NamespaceOptions['history']>): Retention {
  const { size, ttl } = history;
  const positionTtl = history.positionTtl ?? Math.max(ttl, 30 * DAY);
  assertCount(`${where}.history.size`, size);
  assertCount(`${where}.history.ttl`, ttl);
  assertCount(`${where}.history.positionTtl`, positionTtl);
  if (positionTtl < ttl) throw new RangeError(`${where}.history.positionTtl must not be less than ttl`);
  return { name: name === '' ? NAMELESS : name, size, ttl, positionTtl };
}

export function assertCount(name: string, value: number): void {
  if (value >= 1 && !Number.isNaN(value)) return;
  throw new RangeError(`${name} must be a number of 1 or more, not ${String(value)}`);
}
