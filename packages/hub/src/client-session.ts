import { Alarm } from '@tidewire/node';
import type { Client, SubscribeRequest, SubscribeResult } from './client.ts';
import {
  CommandError,
  type Disconnect,
  DisconnectError,
  disconnectCodes,
  isFinal,
  type Unsubscribe,
  unsubscribeCodes,
} from './codes.ts';
import {
  answered,
  assertNotOver,
  assertPresence,
  type HubContext,
  namespaceFor,
  publish,
  refusalOf,
  secondsUntil,
} from './context.ts';
import { Delivery } from './delivery.ts';
import type { HistoryRequest, MemberCounts } from './engine.ts';
import { RateMeter } from './limits.ts';
import { isPrefix, type Namespace } from './namespace-table.ts';
import type { Outlet } from './outlet.ts';
import type { Question, Refreshment, SubscriptionGrant, Visitor } from './permissions.ts';
import type { ClientInfo, Json, StoredPublication, StreamPosition } from './publication.ts';
import { EXPIRY_GRACE, Subscription } from './subscription.ts';

/** How many times the rate of commands ends a connection. */
const GROSS = 3;

/** One connection: what it is subscribed to, and what its commands do. */
export class ClientSession extends Delivery implements Client {
  visitor: Visitor;
  readonly address: string | undefined;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #since = performance.now();
  readonly #commands = new RateMeter();
  #publications: Map<string, RateMeter> | undefined;
  #expiry: Alarm | undefined;
  #isClosed = false;
  #closedBy: Disconnect | undefined;
  #whenClosed: (() => void) | undefined;

  constructor(outlet: Outlet, context: HubContext, visitor: Visitor, address: string | undefined) {
    super(outlet, context);
    this.visitor = visitor;
    this.address = address;
  }

  get id(): string {
    return this.visitor.client;
  }

  get user(): string {
    return this.visitor.user;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Milliseconds since 1970. */
  get since(): number {
    return Math.round(performance.timeOrigin + this.#since);
  }

  get channelCount(): number {
    return this.#subscriptions.size;
  }

  isIn(channel: string): boolean {
    return this.#subscriptions.get(channel)?.isIn === true;
  }

  /** What it is subscribed to, and what the application says of it there. */
  channels(): (readonly [channel: string, info: Json | undefined])[] {
    return [...this.#subscriptions].map(([channel, { channelInfo }]) => [channel, channelInfo]);
  }

  /** Why it has ended. */
  get closedBy(): Disconnect | undefined {
    return this.#closedBy;
  }

  /** Calls `then` once it has ended, which may be now. */
  onClosed(then: () => void): void {
    if (this.#isClosed) then();
    else this.#whenClosed = then;
  }

  /** As others see it. */
  infoIn(channel: string): ClientInfo {
    const { connectionInfo } = this.visitor;
    const channelInfo = this.#subscriptions.get(channel)?.channelInfo;
    return { client: this.id, user: this.user, connectionInfo, channelInfo };
  }

  // --- commands ------------------------------------------------------------------------------------------------------

  subscribe(request: SubscribeRequest, begun: (result: SubscribeResult) => void): Promise<void> {
    return this.#command('subscribe', async () => {
      const subscription = this.#newSubscription(request.channel);
      await this.#begin(subscription, request, begun, () =>
        this.#ask(this.context.permissions.subscribe(this.visitor, request)),
      );
    });
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#command('unsubscribe', async () => {
      this.#leave(channel, unsubscribeCodes.CLIENT);
    });
  }

  publish(channel: string, data: Json): Promise<void> {
    return this.#command('publish', async () => {
      const namespace = namespaceFor(this.context, channel);
      if (Buffer.byteLength(data) > namespace.maxPublicationSize) throw new CommandError('LIMIT_EXCEEDED');
      this.#countPublication(namespace);
      const allowed = await this.#ask(this.context.permissions.publish(this.#question(channel), data));
      const info = this.infoIn(channel);
      await publish(this.context, channel, namespace, { data: allowed, info, time: Date.now() });
    });
  }

  presence(channel: string): Promise<readonly ClientInfo[]> {
    return this.#command('presence', async () => {
      await this.#maySeePresence(channel);
      const members = await this.context.engine.members(channel);
      return members.map(({ info }) => info);
    });
  }

  presenceStats(channel: string): Promise<MemberCounts> {
    return this.#command('presence_stats', async () => {
      await this.#maySeePresence(channel);
      return await this.context.engine.memberCounts(channel);
    });
  }

  history(
    channel: string,
    request: HistoryRequest,
  ): Promise<{ readonly position: StreamPosition; readonly publications: readonly StoredPublication[] }> {
    return this.#command('history', async () => {
      const { retention } = namespaceFor(this.context, channel);
      if (retention === undefined) throw new CommandError('NOT_AVAILABLE');
      await this.#ask(this.context.permissions.seeHistory(this.#question(channel)));
      const limit = Math.min(request.limit ?? Number.POSITIVE_INFINITY, this.context.limits.historyLimit);
      const history = await this.context.engine.history(channel, retention, { ...request, limit });
      if (request.since !== undefined && request.since.epoch !== history.position.epoch) {
        throw new CommandError('UNRECOVERABLE_POSITION');
      }
      return history;
    });
  }

  rpc(method: string, data: Json | undefined): Promise<Json | undefined> {
    return this.#command('rpc', async () => {
      const handler = this.context.methods.get(method);
      if (handler === undefined) throw new CommandError('METHOD_NOT_FOUND');
      return await answered(handler(this.visitor, data), this.context.limits.rpcTimeout);
    });
  }

  send(data: Json): Promise<void> {
    return this.#command('send', async () => {
      await this.context.receive?.(this.visitor, data);
    });
  }

  refresh(token: string): Promise<number | undefined> {
    return this.#command('refresh', async () => {
      const refreshment = await this.#ask(this.context.permissions.refresh(this.visitor, token));
      assertNotOver(refreshment.expiresAt, true);
      return this.refreshed(refreshment);
    });
  }

  refreshSubscription(channel: string, token: string): Promise<number | undefined> {
    return this.#command('sub_refresh', async () => {
      const subscription = this.#subscriptions.get(channel);
      if (!subscription?.isIn) throw new CommandError('BAD_REQUEST', 'not subscribed');
      const grant = await this.#ask(this.context.permissions.refreshSubscription(this.visitor, channel, token));
      assertNotOver(grant.expiresAt, true);
      subscription.channelInfo = grant.channelInfo ?? subscription.channelInfo;
      subscription.expireAt(grant.expiresAt);
      return secondsUntil(grant.expiresAt);
    });
  }

  countsCommand(): boolean {
    const { limits, clients } = this.context;
    const own = this.#commands.count() / limits.commandRate;
    const ofUser = (clients.user(this.user)?.commands.count() ?? 0) / limits.userCommandRate;
    if (Math.max(own, ofUser) > GROSS) this.disconnect(disconnectCodes.TOO_MANY_REQUESTS);
    return own <= 1 && ofUser <= 1 && !this.#isClosed;
  }

  // --- from the hub --------------------------------------------------------------------------------------------------

  /** Lets the client know that it has begun, and whatever was for it until then. */
  begin(expiresAt: number | undefined, begun: () => void): void {
    this.#expireAt(expiresAt);
    begun();
    this.open();
  }

  /** The hub subscribes it. Rejects as `subscribe` does. */
  async beSubscribed(
    channel: string,
    grant: SubscriptionGrant,
    position: StreamPosition | undefined,
    begun: (result: SubscribeResult) => void,
  ): Promise<void> {
    const subscription = this.#newSubscription(channel);
    await this.#begin(subscription, { position, wantsJoinLeave: true }, begun, async () => grant);
  }

  /** The hub has subscribed it, which it learns of by a push. */
  tellSubscribed(channel: string, result: SubscribeResult): void {
    this.push({ type: 'subscribe', channel, result });
  }

  unsubscribed(channel: string, unsubscribe: Unsubscribe): void {
    if (!this.#leave(channel, unsubscribe)) return;
    this.push({ type: 'unsubscribe', channel, unsubscribe });
  }

  tell(data: Json): void {
    this.push({ type: 'message', data });
  }

  /** @returns seconds until the next */
  refreshed({ expiresAt, connectionInfo, capabilities }: Refreshment): number | undefined {
    const { visitor } = this;
    this.visitor = {
      ...visitor,
      connectionInfo: connectionInfo ?? visitor.connectionInfo,
      capabilities: capabilities ?? visitor.capabilities,
    };
    this.#expireAt(expiresAt);
    return secondsUntil(expiresAt);
  }

  /** The application has said until when the connection is good. */
  tellRefreshed(expiresAt: number | undefined): void {
    this.push({ type: 'refresh', ttl: this.refreshed({ expiresAt }) });
  }

  disconnect(disconnect: Disconnect): void {
    if (this.#isClosed) return;
    this.context.fanOut.flush();
    this.closed(disconnect);
    this.outlet.close(disconnect);
  }

  closed(disconnect: Disconnect): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closedBy = disconnect;
    const { clients, deadlines, observer } = this.context;
    if (this.#expiry !== undefined) deadlines.clear(this.#expiry);
    for (const channel of [...this.#subscriptions.keys()]) this.#leave(channel, unsubscribeCodes.DISCONNECT);
    this.dropQueue();
    this.#whenClosed?.();
    if (clients.delete(this)) {
      observer.disconnected?.(this.outlet.transport, disconnect, performance.now() - this.#since);
    }
  }

  // --- subscriptions -------------------------------------------------------------------------------------------------

  #newSubscription(channel: string): Subscription {
    const namespace = namespaceFor(this.context, channel, true);
    if (this.#subscriptions.has(channel)) throw new CommandError('ALREADY_SUBSCRIBED');
    if (this.#subscriptions.size >= this.context.limits.channelsPerClient) throw new CommandError('LIMIT_EXCEEDED');
    // What still waits for it is of a subscription that is over.
    this.forget(channel);
    const subscription = new Subscription(channel, namespace, this, this.context);
    this.#subscriptions.set(channel, subscription);
    return subscription;
  }

  async #begin(
    subscription: Subscription,
    request: Omit<SubscribeRequest, 'channel'>,
    begun: (result: SubscribeResult) => void,
    permitted: () => Promise<SubscriptionGrant>,
  ): Promise<void> {
    const { channel, namespace } = subscription;
    try {
      const grant = await permitted();
      assertNotOver(grant.expiresAt, false);
      const wantsJoinLeave = request.wantsJoinLeave === true && (await this.#maySeeComingAndGoing(channel, namespace));
      await subscription.begin({ ...request, wantsJoinLeave }, grant, (result) => {
        this.context.observer.subscribed?.(namespace.name);
        begun(result);
      });
    } catch (error) {
      if (this.#subscriptions.get(channel) === subscription) this.#subscriptions.delete(channel);
      subscription.end();
      throw error;
    }
  }

  /** @returns whether it was subscribed, or about to be */
  #leave(channel: string, { code }: Unsubscribe): boolean {
    const subscription = this.#subscriptions.get(channel);
    if (subscription === undefined) return false;
    const wasIn = subscription.isIn;
    this.#subscriptions.delete(channel);
    // Who has gone needs no answer.
    const isAnswered = !this.#isClosed;
    const reason = isAnswered ? new CommandError('BAD_REQUEST', 'unsubscribed meanwhile') : undefined;
    // Who is told to come back at once is away, too.
    const isToComeBack = code >= unsubscribeCodes.INSUFFICIENT_STATE.code;
    subscription.end(reason, isToComeBack || (this.#closedBy !== undefined && !isFinal(this.#closedBy)));
    this.forget(channel);
    if (wasIn) this.context.observer.unsubscribed?.(subscription.namespace.name, code);
    return wasIn;
  }

  async #maySeePresence(channel: string): Promise<void> {
    assertPresence(namespaceFor(this.context, channel));
    await this.#ask(this.context.permissions.seePresence(this.#question(channel)));
  }

  /** Who is told of everybody that joins and leaves sees who is there. Who may not is subscribed without that. */
  async #maySeeComingAndGoing(channel: string, { presence }: Namespace): Promise<boolean> {
    if (presence === undefined || presence.events === 'none' || isPrefix(channel)) return false;
    try {
      await this.#ask(this.context.permissions.seePresence({ ...this.#question(channel), isSubscribed: true }));
      return true;
    } catch (error) {
      if (error instanceof CommandError && !error.isTemporary) return false;
      throw error;
    }
  }

  #question(channel: string): Question {
    return { visitor: this.visitor, channel, isSubscribed: this.#subscriptions.get(channel)?.isIn === true };
  }

  // --- limits --------------------------------------------------------------------------------------------------------

  #countPublication({ name, publishRate }: Namespace): void {
    if (publishRate === Number.POSITIVE_INFINITY) return;
    this.#publications ??= new Map();
    const counts = [this.#publications, this.context.clients.user(this.user)?.publications].map(
      (meters) => meters && meterOf(meters, name).count(),
    );
    if (counts.some((count) => count !== undefined && count > publishRate)) throw new CommandError('TOO_MANY_REQUESTS');
  }

  #expireAt(time: number | undefined): void {
    const { deadlines } = this.context;
    if (this.#expiry !== undefined) deadlines.clear(this.#expiry);
    this.#expiry = undefined;
    if (time === undefined || this.#isClosed) return;
    this.#expiry = new Alarm(() => this.disconnect(disconnectCodes.EXPIRED));
    deadlines.set(this.#expiry, Math.max(0, time - Date.now()) + EXPIRY_GRACE);
  }

  #ask<T>(answer: T | Promise<T>): Promise<T> {
    return answered(answer, this.context.limits.hookTimeout);
  }

  async #command<T>(name: string, run: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const { observer } = this.context;
    try {
      if (this.#isClosed) throw new DisconnectError('CONNECTION_CLOSED');
      const result = await run();
      observer.commandDone?.(name, 0, performance.now() - begin);
      return result;
    } catch (error) {
      const refusal = refusalOf(this.context, name, error);
      const code = refusal instanceof CommandError ? refusal.code : refusal.disconnect.code;
      observer.commandDone?.(name, code, performance.now() - begin);
      if (refusal instanceof DisconnectError) this.disconnect(refusal.disconnect);
      throw refusal;
    }
  }
}

function meterOf(meters: Map<string, RateMeter>, name: string): RateMeter {
  const meter = meters.get(name) ?? new RateMeter();
  meters.set(name, meter);
  return meter;
}
