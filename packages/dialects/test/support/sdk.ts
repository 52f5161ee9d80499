import { WebSocket } from '@tidewire/client';
import {
  Centrifuge,
  type Options,
  type PublicationContext,
  type Subscription,
  type SubscriptionOptions,
} from 'centrifuge';
import { EventSource } from 'undici';
import { onTestFinished } from 'vitest';
import type { Serving } from './serving.ts';

// Clients by the package `centrifuge`, as it is.

export type Transport = 'websocket' | 'http_stream' | 'sse';

/** @param commandsTo where its commands go, over the transports whose commands are requests of their own; default: the same */
export function sdk(
  serving: Serving,
  options: Partial<Options> = {},
  transport: Transport = 'websocket',
  commandsTo = serving,
): Centrifuge {
  const common = { minReconnectDelay: 10, maxReconnectDelay: 50, ...options };
  const http = `http://127.0.0.1:${serving.port}`;
  const client =
    transport === 'websocket'
      ? new Centrifuge(serving.url, { websocket: WebSocket, ...common })
      : new Centrifuge([{ transport, endpoint: `${http}/connection/${transport}` }], {
          ...{ eventsource: EventSource, emulationEndpoint: `http://127.0.0.1:${commandsTo.port}/emulation` },
          ...common,
        });
  onTestFinished(() => client.disconnect());
  return client;
}

export async function connected(...parameters: Parameters<typeof sdk>): Promise<Centrifuge> {
  const client = sdk(...parameters);
  client.connect();
  await client.ready(5000);
  return client;
}

export interface Subscriber {
  readonly subscription: Subscription;
  /** The data of what came. */
  readonly received: unknown[];
  readonly publications: PublicationContext[];
  until(count: number): Promise<void>;
}

export async function subscribed(
  client: Centrifuge,
  channel: string,
  options: Partial<SubscriptionOptions> = {},
): Promise<Subscriber> {
  const subscription = client.newSubscription(channel, options);
  const received: unknown[] = [];
  const publications: PublicationContext[] = [];
  subscription.on('publication', (publication) => {
    received.push(publication.data);
    publications.push(publication);
  });
  subscription.subscribe();
  await subscription.ready(5000);
  const until = async (count: number) => {
    while (received.length < count)
      await new Promise<void>((resolve) => subscription.once('publication', () => resolve()));
  };
  return { subscription, received, publications, until };
}

/** The next event of a client or a subscription. */
export function event<Context>(
  emitter: { once(name: string, listener: (context: Context) => void): unknown },
  name: string,
): Promise<Context> {
  return new Promise((resolve) => emitter.once(name, resolve));
}
