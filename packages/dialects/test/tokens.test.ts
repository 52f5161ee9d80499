import { createHmac } from 'node:crypto';
import { createPermissions, type HubOptions } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { connected, event, sdk, subscribed } from './support/sdk.ts';
import { RawClient, serve } from './support/serving.ts';

const secret = 'a secret of thirty-two bytes or more';
const seconds = () => Math.floor(Date.now() / 1000);

function token(claims: object, key = secret): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

const hub: HubOptions = {
  permissions: createPermissions({ tokens: { secrets: [secret], clockTolerance: 1 } }),
  namespaces: {
    '': { subscribe: 'users' },
    secret: { subscribe: 'nobody' },
    news: { history: { size: 10, ttl: 60_000 } },
  },
};

describe('tokens', () => {
  it('let in, and are refreshed while the client is connected', async () => {
    const serving = await serve({ hub });
    let asked = 0;
    const getToken = async () => {
      asked++;
      return token({ sub: 'ann', exp: seconds() + 2 });
    };
    const client = await connected(serving, { getToken });
    let wasAway = false;
    client.on('connecting', () => {
      wasAway = true;
    });
    while (asked < 3) await new Promise((resolve) => setTimeout(resolve, 50));
    await client.rpc('x', 1).catch((error: unknown) => expect(error).toMatchObject({ code: 104 }));
    expect(wasAway).toBe(false);
  });

  it('that have expired make the client get another', async () => {
    const serving = await serve({ hub });
    const client = sdk(serving, {
      token: token({ sub: 'ann', exp: seconds() - 60 }),
      getToken: async () => token({ sub: 'ann' }),
    });
    const error = event(client, 'error');
    client.connect();
    expect(await error).toMatchObject({ type: 'connect', error: { code: 109 } });
    await client.ready(5000);
  });

  it.each([
    ['forged', token({ sub: 'ann' }, 'another secret of thirty-two bytes')],
    ['none', 'nonsense'],
  ])('that are %s end it', async (_name, bad) => {
    const serving = await serve({ hub });
    const client = sdk(serving, { token: bad });
    const disconnected = event(client, 'disconnected');
    client.connect();
    expect(await disconnected).toMatchObject({ code: 3500 });
    expect(serving.hub.connectionCount).toBe(0);
  });

  it('let a client into a channel, and are refreshed there', async () => {
    const serving = await serve({ hub });
    const client = await connected(serving, { token: token({ sub: 'ann' }) });
    let asked = 0;
    const getToken = async ({ channel }: { channel: string }) => {
      asked++;
      return token({ sub: 'ann', channel, exp: seconds() + 2 });
    };
    const { received, until, subscription } = await subscribed(client, 'secret:plans', { getToken });
    while (asked < 3) await new Promise((resolve) => setTimeout(resolve, 50));
    await serving.hub.publish('secret:plans', 1);
    await until(1);
    expect(received).toEqual([1]);
    expect(subscription.state).toBe('subscribed');
  });

  it('are needed where nobody may without', async () => {
    const serving = await serve({ hub });
    const client = await connected(serving, { token: token({ sub: 'ann' }) });
    const subscription = client.newSubscription('secret:plans');
    const unsubscribed = event(subscription, 'unsubscribed');
    subscription.subscribe();
    expect(await unsubscribed).toMatchObject({ code: 103 });
  });

  it('may subscribe a client to channels, which it recovers in', async () => {
    const serving = await serve({ hub });
    const client = sdk(serving, { token: token({ sub: 'ann', channels: ['news:all'] }) });
    const received: unknown[] = [];
    client.on('publication', ({ data }) => received.push(data));
    const first = event(client, 'subscribed');
    client.connect();
    expect(await first).toMatchObject({ channel: 'news:all', recoverable: true });
    await serving.hub.publish('news:all', 1);
    while (received.length < 1) await event(client, 'publication');
    const away = event(client, 'connecting');
    serving.cut();
    await away;
    await serving.hub.publish('news:all', 2);
    expect(await event(client, 'subscribed')).toMatchObject({ wasRecovering: true, recovered: true });
    await serving.hub.publish('news:all', 3);
    while (received.length < 3) await event(client, 'publication');
    expect(received).toEqual([1, 2, 3]);
  });

  it('let who types lines in, too', async () => {
    const { linesUrl } = await serve({ hub });
    const ann = await RawClient.open(`${linesUrl}?token=${token({ sub: 'ann' })}`);
    expect(await ann.line(0)).toMatchObject({ user: 'ann' });
    const bob = await RawClient.open(linesUrl);
    bob.send(
      { token: token({ sub: 'bob' }) },
      { subscribe: 'secret:x', token: token({ sub: 'bob', channel: 'secret:x' }) },
    );
    expect(await bob.line(1)).toMatchObject({ subscribed: 'secret:x' });
    const forger = await RawClient.open(`${linesUrl}?token=nonsense`);
    expect(await forger.closed()).toMatchObject({ code: 3500 });
  });
});

describe('the application', () => {
  it('subscribes a user, and unsubscribes it', async () => {
    const serving = await serve({ hub });
    const client = await connected(serving, { token: token({ sub: 'ann' }) });
    const begun = event(client, 'subscribed');
    await serving.hub.subscribe('ann', 'news:all');
    expect(await begun).toMatchObject({ channel: 'news:all' });
    const publication = event(client, 'publication');
    await serving.hub.publish('news:all', 1);
    expect(await publication).toMatchObject({ channel: 'news:all', data: 1 });
    const ended = event(client, 'unsubscribed');
    await serving.hub.unsubscribe('ann', 'news:all');
    expect(await ended).toMatchObject({ channel: 'news:all' });
  });
});
