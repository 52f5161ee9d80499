import { Alarm } from '@tidewire/node';
import type { SubscribeRequest, SubscribeResult } from './client.ts';
import type { ClientSession } from './client-session.ts';
import { CommandError, unsubscribeCodes } from './codes.ts';
import { type HubContext, secondsUntil } from './context.ts';
import { Joining, type Place } from './joining.ts';
import { isPrefix, type Namespace } from './namespace-table.ts';
import type { SubscriptionGrant } from './permissions.ts';
import type { ClientInfo, Json } from './publication.ts';
import type { Room } from './room.ts';

/** Milliseconds that a client has to refresh what has expired. */
export const EXPIRY_GRACE = 25_000;

/** A client in a channel, from the moment that it asks to be. */
export class Subscription {
  readonly channel: string;
  readonly namespace: Namespace;
  channelInfo: Json | undefined;
  readonly #session: ClientSession;
  readonly #context: HubContext;
  #room: Room | undefined;
  #joining: Joining | undefined;
  #isIn = false;
  #end: { reason: CommandError | undefined } | undefined;
  #stopWaiting: (() => void) | undefined;
  #expiry: Alarm | undefined;
  /** As whom it was announced. */
  #entered: ClientInfo | undefined;

  constructor(channel: string, namespace: Namespace, session: ClientSession, context: HubContext) {
    this.channel = channel;
    this.namespace = namespace;
    this.#session = session;
    this.#context = context;
  }

  /** Whether the client is told what is published. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /**
   * Resolves when the subscription has begun, or was ended without a reason that anybody could be told.
   * @param begun called in the turn in which it begins
   */
  begin(
    { position, wantsJoinLeave }: Omit<SubscribeRequest, 'channel'>,
    grant: SubscriptionGrant,
    begun: (result: SubscribeResult) => void,
  ): Promise<void> {
    if (this.#end !== undefined) return this.#ended(this.#end.reason);
    this.channelInfo = grant.channelInfo;
    return new Promise<void>((resolve, reject) => {
      const { deadlines, limits, rooms } = this.#context;
      const alarm = new Alarm(() => {
        this.end();
        reject(new CommandError('INTERNAL', 'the channel did not open in time'));
      });
      deadlines.set(alarm, limits.subscribeTimeout);
      const done = () => {
        deadlines.clear(alarm);
        this.#joining = undefined;
        this.#stopWaiting = undefined;
      };
      const room = rooms.of(this.channel, this.namespace);
      this.#room = room;
      this.#joining = new Joining(
        position,
        (place) => {
          done();
          this.#isIn = true;
          room.enter(this.#session, wantsJoinLeave === true);
          this.expireAt(grant.expiresAt);
          begun(this.#result(place, grant));
          this.#announce();
          resolve();
        },
        (error) => {
          done();
          reject(error);
        },
      );
      this.#stopWaiting = () => {
        done();
        this.#ended(this.#end?.reason).then(resolve, reject);
      };
      room.join(this.#joining);
    });
  }

  /**
   * The client is not in the channel any more, nor on its way.
   * @param reason for who waits for it to begin
   * @param isLost whether the connection has gone, and may come back
   */
  end(reason?: CommandError, isLost = false): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    if (this.#expiry !== undefined) this.#context.deadlines.clear(this.#expiry);
    const joining = this.#joining;
    if (joining !== undefined) {
      joining.cancel();
      this.#room?.gaveUp(joining);
    }
    if (this.#isIn) this.#room?.leave(this.#session);
    if (this.#entered !== undefined) {
      this.#context.presence.left(this.channel, this.namespace, this.#entered, isLost);
    }
    this.#isIn = false;
    this.#stopWaiting?.();
  }

  /** @param time milliseconds since 1970; `undefined`: never */
  expireAt(time: number | undefined): void {
    const { deadlines } = this.#context;
    if (this.#expiry !== undefined) deadlines.clear(this.#expiry);
    this.#expiry = undefined;
    if (time === undefined || this.#end !== undefined) return;
    this.#expiry = new Alarm(() => this.#session.unsubscribed(this.channel, unsubscribeCodes.EXPIRED));
    deadlines.set(this.#expiry, Math.max(0, time - Date.now()) + EXPIRY_GRACE);
  }

  #announce(): void {
    // The answer may have been too much for the line.
    if (this.#end !== undefined || isPrefix(this.channel)) return;
    this.#entered = this.#session.infoIn(this.channel);
    this.#context.presence.entered(this.channel, this.namespace, this.#entered);
  }

  #ended(reason: CommandError | undefined): Promise<void> {
    return reason === undefined ? Promise.resolve() : Promise.reject(reason);
  }

  #result({ position, missed, recovery }: Place, grant: SubscriptionGrant): SubscribeResult {
    return {
      data: grant.data,
      ttl: secondsUntil(grant.expiresAt),
      isRecoverable: this.namespace.isRecoverable && position !== undefined,
      position,
      missed,
      recovery,
    };
  }
}
