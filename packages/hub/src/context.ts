import type { Deadlines } from '@tidewire/node';
import type { Clients } from './clients.ts';
import { CommandError, DisconnectError, errorCodes } from './codes.ts';
import { type Engine, EngineError, type Published } from './engine.ts';
import type { FanOut } from './fan-out.ts';
import type { HubLimits } from './limits.ts';
import { isChannelName, isPrefix, type Namespace, type NamespaceTable } from './namespace-table.ts';
import type { HubObserver } from './observer.ts';
import type { Permissions, Visitor } from './permissions.ts';
import type { Presence } from './presence.ts';
import type { Json, Publication } from './publication.ts';
import type { Rooms } from './rooms.ts';

/** What all of a hub's parts have in common. */
export interface HubContext {
  readonly engine: Engine;
  readonly deadlines: Deadlines;
  readonly fanOut: FanOut;
  readonly rooms: Rooms;
  readonly clients: Clients;
  readonly presence: Presence;
  readonly observer: HubObserver;
  limits: HubLimits;
  namespaces: NamespaceTable;
  permissions: Permissions;
  /** What the application answers to calls, by method. */
  readonly methods: Map<string, (visitor: Visitor, data: Json | undefined) => Promise<Json | undefined>>;
  /** What the application does with messages. */
  receive: ((visitor: Visitor, data: Json) => unknown) | undefined;
}

/** What a client is told of an error; whoever watches the hub is told of it if nobody has foreseen it. */
export function refusalOf({ observer }: HubContext, command: string, error: unknown): CommandError | DisconnectError {
  if (error instanceof CommandError || error instanceof DisconnectError) return error;
  if (!(error instanceof EngineError)) observer.threw?.(command, error);
  return new CommandError('INTERNAL');
}

export interface HubPublishOptions {
  readonly idempotencyKey?: string | undefined;
  /** Whether it is told to the subscribers of this moment alone. Default `false`. */
  readonly skipHistory?: boolean | undefined;
}

/** @throws CommandError `BAD_REQUEST` if no channel can have the name, `UNKNOWN_CHANNEL` if there is no such namespace */
export function namespaceFor(context: HubContext, channel: string, mayBePrefix = false): Namespace {
  if (typeof channel !== 'string' || !isChannelName(channel, context.limits.channelNameLength)) {
    throw new CommandError('BAD_REQUEST', 'that cannot be the name of a channel');
  }
  if (isPrefix(channel) && !mayBePrefix) throw new CommandError('BAD_REQUEST', 'a prefix is no channel');
  const namespace = context.namespaces.of(channel);
  if (namespace === undefined) throw new CommandError('UNKNOWN_CHANNEL');
  return namespace;
}

/** @throws CommandError `NOT_AVAILABLE` if nobody knows who is in the namespace's channels */
export function assertPresence({ presence }: Namespace): void {
  if (presence === undefined) throw new CommandError('NOT_AVAILABLE', 'the channel has no presence');
}

export async function publish(
  { engine, observer }: HubContext,
  channel: string,
  namespace: Namespace,
  publication: Publication,
  { idempotencyKey, skipHistory }: HubPublishOptions = {},
): Promise<Published> {
  const retention = skipHistory === true ? undefined : namespace.retention;
  const published = await engine.publish(channel, publication, { retention, idempotencyKey });
  if (!published.isDuplicate) observer.published?.(namespace.name, publication.data.length);
  return published;
}

/**
 * What an application answers.
 * @param limit milliseconds that it may take
 * @throws CommandError `INTERNAL` if it takes longer
 */
export async function answered<T>(answer: T | Promise<T>, limit: number): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CommandError('INTERNAL', 'no answer in time')), limit).unref();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What is over before it has begun is no permission: a client that was told of one second would come again in each.
 * @param isRefresh whether there is something that goes on: then SDKs try again after a temporary error alone
 * @throws CommandError 109
 */
export function assertNotOver(expiresAt: number | undefined, isRefresh: boolean): void {
  if (expiresAt !== undefined && expiresAt <= Date.now()) {
    throw new CommandError(errorCodes.TOKEN_EXPIRED.code, 'expired already', isRefresh);
  }
}

/** Seconds until `time`; at least 1, because 0 means never to clients. */
export function secondsUntil(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.max(1, Math.ceil((time - Date.now()) / 1000));
}
