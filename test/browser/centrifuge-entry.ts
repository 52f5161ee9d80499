import { Centrifuge, type Options, type Subscription, type TransportEndpoint } from 'centrifuge';

// What the pages of the tests with the SDK have: one client of the package `centrifuge` with one subscription, and what it was
// told, as far as the tests look at it.

export interface Plan {
  /** Where to connect to; several are tried one after the other. */
  readonly endpoint: string | TransportEndpoint[];
  readonly options?: Partial<Options>;
  /** Where the page gets its tokens. */
  readonly tokenUrl?: string;
  readonly channel?: string;
  readonly joinLeave?: boolean;
}

declare global {
  interface Window {
    beginSdk(plan: Plan): void;
    sdk: {
      readonly client: Centrifuge;
      readonly subscription: Subscription;
      /** What has changed, in its order: a name, and what is worth knowing of it. */
      readonly events: (readonly unknown[])[];
      /** The data of what was published. */
      readonly publications: unknown[];
    };
  }
}

window.beginSdk = ({ endpoint, options = {}, tokenUrl, channel = 'chat:lobby', joinLeave = false }) => {
  const client = new Centrifuge(endpoint, {
    ...{ minReconnectDelay: 20, maxReconnectDelay: 100 },
    ...options,
    ...(tokenUrl !== undefined && { getToken: async () => (await fetch(tokenUrl)).text() }),
  });
  const subscription = client.newSubscription(channel, { joinLeave });
  const events: (readonly unknown[])[] = [];
  const publications: unknown[] = [];
  window.sdk = { client, subscription, events, publications };
  client.on('connecting', ({ code }) => events.push(['connecting', code]));
  client.on('connected', ({ transport }) => events.push(['connected', transport]));
  client.on('disconnected', ({ code }) => events.push(['disconnected', code]));
  client.on('message', ({ data }) => events.push(['message', data]));
  subscription.on('subscribing', ({ code }) => events.push(['subscribing', code]));
  subscription.on('subscribed', ({ wasRecovering, recovered }) => {
    events.push(['subscribed', ...(wasRecovering ? [recovered ? 'recovered' : 'not recovered'] : [])]);
  });
  subscription.on('unsubscribed', ({ code }) => events.push(['unsubscribed', code]));
  subscription.on('join', ({ info }) => events.push(['join', info.user]));
  subscription.on('leave', ({ info }) => events.push(['leave', info.user]));
  subscription.on('publication', ({ data }) => publications.push(data));
  subscription.subscribe();
  client.connect();
};
