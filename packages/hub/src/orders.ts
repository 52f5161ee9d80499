import { Alarm } from '@tidewire/node';
import { disconnectCodes } from './codes.ts';
import { type HubContext, refusalOf } from './context.ts';
import type { EngineInterest } from './engine-interest.ts';
import { OWN } from './namespace-table.ts';
import { type Order, orderIn } from './order.ts';
import type { Json } from './publication.ts';

// What the application tells the clients of a user, wherever they are: a channel of the hub's own for each user, which the nodes
// that have clients of the user are subscribed to.

const PREFIX = `${OWN}user:`;
/** Milliseconds that the channel of a user outlives its last connection. */
const LINGER = 3000;

interface Listening {
  connections: number;
  readonly linger: Alarm;
}

export class Orders {
  readonly #context: HubContext;
  readonly #interest: EngineInterest;
  readonly #listening = new Map<string, Listening>();

  constructor(context: HubContext, interest: EngineInterest) {
    this.#context = context;
    this.#interest = interest;
  }

  /** Resolves when orders for the user reach this node. Each call wants one of `release`. */
  listen(user: string): Promise<void> {
    const listening = this.#listening.get(user) ?? {
      connections: 0,
      linger: new Alarm(() => this.#stop(user)),
    };
    this.#listening.set(user, listening);
    listening.connections++;
    this.#context.deadlines.clear(listening.linger);
    return this.#interest.want(PREFIX + user);
  }

  release(user: string): void {
    const listening = this.#listening.get(user);
    if (listening === undefined) return;
    listening.connections--;
    if (listening.connections === 0) this.#context.deadlines.set(listening.linger, LINGER);
  }

  give(user: string, order: Order): Promise<void> {
    return this.#context.engine.signal(PREFIX + user, { type: 'order', order: JSON.stringify(order) });
  }

  /** @returns whether the channel is one of a user */
  received(channel: string, text: Json): boolean {
    if (!channel.startsWith(PREFIX)) return false;
    const order = orderIn(text);
    if (order === undefined) return true;
    const sessions = this.#context.clients.user(channel.slice(PREFIX.length))?.sessions ?? [];
    for (const session of [...sessions]) {
      if ('client' in order && order.client !== undefined && order.client !== session.id) continue;
      if (order.type === 'send') session.tell(order.data);
      else if (order.type === 'unsubscribe') session.unsubscribed(order.channel, order.unsubscribe);
      else if (order.type === 'disconnect') {
        if (!order.except?.includes(session.id)) session.disconnect(order.disconnect);
      } else if (order.type === 'refresh') {
        if (order.isExpired === true) session.disconnect(disconnectCodes.EXPIRED);
        else session.tellRefreshed(order.expiresAt);
      } else {
        session
          .beSubscribed(order.channel, order.grant, undefined, (result) =>
            session.tellSubscribed(order.channel, result),
          )
          .catch((error) => refusalOf(this.#context, 'subscribe', error));
      }
    }
    return true;
  }

  #stop(user: string): void {
    this.#listening.delete(user);
    this.#interest.drop(PREFIX + user);
  }
}
