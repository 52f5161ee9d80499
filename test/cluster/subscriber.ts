import { createHmac } from 'node:crypto';
import { WebSocket } from '@tidewire/client';
import { Centrifuge, type SubscribedContext } from 'centrifuge';

// A client as a user has it: the SDK, the WebSocket of this project, a token that is refreshed, and subscriptions to rooms. It
// writes down what it is told, and judges nothing.

export const SECRET = 'a secret of thirty-two bytes or more';

export type Told =
  | { readonly kind: 'publication'; readonly sequence: number; readonly offset: number }
  | {
      readonly kind: 'subscribed';
      readonly wasRecovering: boolean;
      readonly recovered: boolean;
      readonly offset: number;
    };

/** A connection, from when to when, in milliseconds since 1970. */
export interface Session {
  readonly client: string;
  readonly from: number;
  to: number | undefined;
}

export interface SubscriberOptions {
  /** In the URL, so that the balancer knows it. */
  readonly name: string;
  readonly user: string;
  readonly rooms: readonly string[];
  readonly port: number;
  /** Seconds. */
  readonly tokenLife: number;
  /** Milliseconds that a ping may be late. */
  readonly patience: number;
}

/** Clients of one process would open one after the other (RFC 6455, 4.1); these stand for as many processes. */
class OwnWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { connectInParallel: true });
  }
}

export class Subscriber {
  readonly name: string;
  readonly user: string;
  readonly told: ReadonlyMap<string, Told[]>;
  readonly sessions: Session[] = [];
  /** What must never happen. */
  readonly surprises: string[] = [];
  readonly client: Centrifuge;
  refreshes = 0;

  constructor({ name, user, rooms, port, tokenLife, patience }: SubscriberOptions) {
    this.name = name;
    this.user = user;
    this.told = new Map(rooms.map((room): [string, Told[]] => [room, []]));
    this.client = new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket?who=${name}`, {
      websocket: OwnWebSocket,
      getToken: async () => {
        this.refreshes++;
        return token(user, tokenLife);
      },
      minReconnectDelay: 100,
      maxReconnectDelay: 2000,
      maxServerPingDelay: patience,
    });
    this.client.on('connected', ({ client }) => this.sessions.push({ client, from: Date.now(), to: undefined }));
    this.client.on('connecting', () => this.#ended());
    this.client.on('disconnected', ({ code, reason }) => {
      this.#ended();
      // 0: it has gone by itself.
      if (code !== 0) this.surprises.push(`was disconnected for good with ${code} ${reason}`);
    });
    for (const [room, told] of this.told) this.#subscribe(room, told);
    this.client.connect();
  }

  /** Names the connection; `undefined` while there is none. */
  get connection(): string | undefined {
    const last = this.sessions.at(-1);
    return last?.to === undefined ? last?.client : undefined;
  }

  /** Whether it is in all its rooms. */
  get isIn(): boolean {
    return [...this.told.keys()].every((room) => this.client.getSubscription(room)?.state === 'subscribed');
  }

  #ended(): void {
    const last = this.sessions.at(-1);
    if (last !== undefined) last.to ??= Date.now();
  }

  #subscribe(room: string, told: Told[]): void {
    const subscription = this.client.newSubscription(room, { recoverable: true, positioned: true });
    subscription.on('subscribed', ({ wasRecovering, recovered, streamPosition }: SubscribedContext) => {
      told.push({ kind: 'subscribed', wasRecovering, recovered, offset: streamPosition?.offset ?? Number.NaN });
    });
    subscription.on('publication', ({ data, offset = Number.NaN }: { data: { sequence: number }; offset?: number }) => {
      told.push({ kind: 'publication', sequence: data.sequence, offset });
    });
    subscription.on('unsubscribed', ({ code, reason }) => {
      this.surprises.push(`was unsubscribed from ${room} for good with ${code} ${reason}`);
    });
    subscription.subscribe();
  }
}

/** @param life seconds */
export function token(user: string, life: number): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: user, exp: Math.floor(Date.now() / 1000) + life })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}
