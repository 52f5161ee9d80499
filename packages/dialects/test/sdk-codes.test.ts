import { CommandError, createPermissions, disconnectCodes, type ErrorName, errorCodes } from '@tidewire/hub';
import type { ErrorContext, UnsubscribedContext } from 'centrifuge';
import { describe, expect, it } from 'vitest';
import { connected, event, sdk } from './support/sdk.ts';
import { serve } from './support/serving.ts';

// What the SDK does next, whatever it is told: it comes back where that may help, and never where it cannot.

const isFinal = (code: number) => code >= 3500;

const names = Object.keys(errorCodes).filter((name): name is ErrorName => name in errorCodes);

/** Who connects with the name of an error, or subscribes to a channel of that name, gets it. */
async function refusing() {
  let connects = 0;
  const errorNamed = (name: unknown) => names.find((known) => known === name);
  const permissions = createPermissions({
    hooks: {
      connect: ({ request }): { user: string } => {
        connects++;
        const name = errorNamed(JSON.parse(request.data ?? '""'));
        if (name !== undefined) throw new CommandError(name);
        return { user: 'ann' };
      },
      subscribe: (_visitor, { channel }) => {
        const name = errorNamed(channel);
        if (name !== undefined) throw new CommandError(name);
        return true;
      },
    },
  });
  const serving = await serve({ hub: { permissions, namespaces: { '': { subscribe: 'ask' } } } });
  return { serving, connects: () => connects };
}

describe('the SDK', () => {
  it.each(Object.entries(disconnectCodes))(
    'that is sent away with %s comes back, unless that is final',
    async (_name, disconnect) => {
      const { serving, connects } = await refusing();
      const client = await connected(serving);
      const next = event<{ code: number }>(client, isFinal(disconnect.code) ? 'disconnected' : 'connecting');
      await serving.hub.disconnect('ann', { disconnect });
      expect((await next).code).toBe(disconnect.code);
      if (isFinal(disconnect.code)) return;
      await client.ready(5000);
      expect(connects()).toBe(2);
    },
  );

  it.each(names)('that may not connect because of %s tries again if that is temporary', async (name) => {
    const { serving, connects } = await refusing();
    const { code, isTemporary } = errorCodes[name];
    const client = sdk(serving, { data: name });
    const disconnected = event<{ code: number }>(client, 'disconnected');
    const failed = event<ErrorContext>(client, 'error');
    client.connect();
    if (isTemporary) {
      expect((await failed).error.code).toBe(code);
      await event(client, 'error');
      expect(connects()).toBeGreaterThan(1);
      expect(client.state).toBe('connecting');
      return;
    }
    // Without a way to another token it is as if it had none: 1.
    expect((await disconnected).code).toBe(name === 'TOKEN_EXPIRED' ? 1 : code);
    expect(connects()).toBe(1);
  });

  it.each(names)('that may not subscribe because of %s tries again if that is temporary', async (name) => {
    const { serving } = await refusing();
    const { code, isTemporary } = errorCodes[name];
    const client = await connected(serving);
    const subscription = client.newSubscription(name, { minResubscribeDelay: 10, maxResubscribeDelay: 50 });
    const unsubscribed = event<UnsubscribedContext>(subscription, 'unsubscribed');
    const failed = event<{ error: { code: number } }>(subscription, 'error');
    subscription.subscribe();
    if (isTemporary) {
      expect((await failed).error.code).toBe(code);
      await event(subscription, 'error');
      expect(subscription.state).toBe('subscribing');
    } else expect((await unsubscribed).code).toBe(name === 'TOKEN_EXPIRED' ? 1 : code);
    expect(client.state).toBe('connected');
  });
});
