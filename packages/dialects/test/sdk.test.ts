import type { JoinContext } from 'centrifuge';
import { describe, expect, it } from 'vitest';
import { connected, event, sdk, subscribed, type Transport } from './support/sdk.ts';
import { serve } from './support/serving.ts';

describe.each<Transport>(['websocket', 'http_stream', 'sse'])('the SDK over %s', (transport) => {
  it('subscribes, publishes, and is told what is published', async () => {
    const serving = await serve();
    const [ann, bob] = [await connected(serving, { data: 'ann' }, transport), await connected(serving, {}, transport)];
    const { received, until, publications } = await subscribed(bob, 'chat:lobby');
    await ann.publish('chat:lobby', { text: 'hi', emoji: '🙂\n' });
    await serving.hub.publish('chat:lobby', 'from the application', { tags: { a: 'b' } });
    await until(2);
    expect(received).toEqual([{ text: 'hi', emoji: '🙂\n' }, 'from the application']);
    expect(publications[0]?.info?.user).toBe('ann');
    expect(publications[1]?.tags).toEqual({ a: 'b' });
  });

  it('reads history', async () => {
    const serving = await serve();
    for (const i of [1, 2, 3, 4]) await serving.hub.publish('chat:lobby', i);
    const client = await connected(serving, {}, transport);
    const data = (result: { publications: { data: unknown }[] }) => result.publications.map((each) => each.data);
    expect(await client.history('chat:lobby')).toMatchObject({ publications: [], offset: 4 });
    const first = await client.history('chat:lobby', { limit: 2 });
    expect(data(first)).toEqual([1, 2]);
    const since = { epoch: first.epoch, offset: first.publications[1]?.offset ?? 0 };
    expect(data(await client.history('chat:lobby', { since, limit: -1 }))).toEqual([3, 4]);
    expect(data(await client.history('chat:lobby', { limit: 3, reverse: true }))).toEqual([4, 3, 2]);
    await expect(
      client.history('chat:lobby', { since: { epoch: 'other', offset: 1 }, limit: 1 }),
    ).rejects.toMatchObject({
      code: 112,
    });
  });

  it('sees who is there, and who comes and goes', async () => {
    const serving = await serve();
    const ann = await connected(serving, { data: 'ann' }, transport);
    const { subscription } = await subscribed(ann, 'chat:lobby', { joinLeave: true });
    const told = (name: 'join' | 'leave') =>
      new Promise<JoinContext>((resolve) => {
        subscription.on(name, (context) => context.info.user === 'bob' && resolve(context));
      });
    const [joined, left] = [told('join'), told('leave')];
    const bob = await connected(serving, { data: 'bob' }, transport);
    const there = await subscribed(bob, 'chat:lobby');
    expect((await joined).channel).toBe('chat:lobby');
    const { clients } = await there.subscription.presence();
    expect(
      Object.values(clients)
        .map(({ user }) => user)
        .sort(),
    ).toEqual(['ann', 'bob']);
    expect(await subscription.presenceStats()).toEqual({ numClients: 2, numUsers: 2 });
    there.subscription.unsubscribe();
    await left;
    expect(await subscription.presenceStats()).toEqual({ numClients: 1, numUsers: 1 });
  });

  it('calls the application, and sends to it', async () => {
    const serving = await serve();
    const { hub } = serving;
    const sent = new Promise((resolve) => hub.onMessage((visitor, data) => resolve([visitor.user, data])));
    hub.rpc('double', (_visitor, data) => JSON.parse(data ?? '0') * 2);
    const client = await connected(serving, { data: 'ann' }, transport);
    expect(await client.rpc('double', 21)).toEqual({ data: 42 });
    await expect(client.rpc('halve', 1)).rejects.toMatchObject({ code: 104 });
    await client.send({ hello: 'hub' });
    expect(await sent).toEqual(['ann', '{"hello":"hub"}']);
  });

  it('gets messages for its user', async () => {
    const serving = await serve();
    const client = await connected(serving, { data: 'ann' }, transport);
    const message = event<{ data: unknown }>(client, 'message');
    await serving.hub.send('ann', { you: 'ann' });
    expect((await message).data).toEqual({ you: 'ann' });
  });

  it('gets once and in order what was published while it was cut off', async () => {
    const serving = await serve();
    const client = await connected(serving, {}, transport);
    const { subscription, received, until } = await subscribed(client, 'chat:lobby');
    await serving.hub.publish('chat:lobby', 1);
    await until(1);
    const away = event(client, 'connecting');
    serving.cut();
    await away;
    for (const i of [2, 3, 4]) await serving.hub.publish('chat:lobby', i);
    const back = await event<{ wasRecovering: boolean; recovered: boolean }>(subscription, 'subscribed');
    expect(back).toMatchObject({ wasRecovering: true, recovered: true });
    await serving.hub.publish('chat:lobby', 5);
    await until(5);
    expect(received).toEqual([1, 2, 3, 4, 5]);
  });

  it('learns that it has missed something that is not kept any more', async () => {
    const serving = await serve();
    const client = await connected(serving, {}, transport);
    const { subscription, received, until } = await subscribed(client, 'chat:lobby');
    const away = event(client, 'connecting');
    serving.cut();
    await away;
    await serving.hub.publish('chat:lobby', 1);
    await serving.hub.removeHistory('chat:lobby');
    const back = await event<{ wasRecovering: boolean; recovered: boolean }>(subscription, 'subscribed');
    expect(back).toMatchObject({ wasRecovering: true, recovered: false });
    await serving.hub.publish('chat:lobby', 2);
    await until(1);
    expect(received).toEqual([2]);
  });

  it('is unsubscribed by the application, for good or to come back', async () => {
    const serving = await serve();
    const client = await connected(serving, { data: 'ann' }, transport);
    const { subscription } = await subscribed(client, 'chat:lobby');
    const subscribing = event(subscription, 'subscribing');
    const again = event(subscription, 'subscribed');
    await serving.hub.unsubscribe('ann', 'chat:lobby', { unsubscribe: { code: 2500, reason: 'come back' } });
    expect(await subscribing).toMatchObject({ code: 2500, reason: 'come back' });
    await again;
    const unsubscribed = event(subscription, 'unsubscribed');
    await serving.hub.unsubscribe('ann', 'chat:lobby');
    expect(await unsubscribed).toMatchObject({ code: 2000 });
  });

  it('is disconnected by the application, for good or to come back', async () => {
    const serving = await serve();
    const client = await connected(serving, { data: 'ann' }, transport);
    const connecting = event(client, 'connecting');
    await serving.hub.disconnect('ann', { disconnect: { code: 4001, reason: 'take a break' } });
    expect(await connecting).toMatchObject({ code: 4001, reason: 'take a break' });
    await client.ready(5000);
    const disconnected = event(client, 'disconnected');
    await serving.hub.disconnect('ann', { disconnect: { code: 4500, reason: 'go away' } });
    expect(await disconnected).toMatchObject({ code: 4500, reason: 'go away' });
  });

  it('unsubscribes, and is told nothing any more', async () => {
    const serving = await serve();
    const client = await connected(serving, {}, transport);
    const { subscription, received } = await subscribed(client, 'chat:lobby');
    subscription.unsubscribe();
    // What is answered later has seen the channel without it.
    await client.history('chat:lobby');
    expect((await serving.hub.channels('chat:lobby')).size).toBe(0);
    await serving.hub.publish('chat:lobby', 1);
    await client.history('chat:lobby');
    expect(received).toEqual([]);
  });

  it('comes back when the node is drained, to another', async () => {
    const serving = await serve();
    const client = await connected(serving, {}, transport);
    const connecting = event(client, 'connecting');
    await serving.hub.drain();
    expect(await connecting).toMatchObject({ code: 3001, reason: 'shutdown' });
  });

  it('is told why it may not connect, and does not try again', async () => {
    const serving = await serve({ hub: { limits: { connectionsPerUser: 1 } } });
    await connected(serving, { data: 'ann' }, transport);
    const second = sdk(serving, { data: 'ann' }, transport);
    const disconnected = event(second, 'disconnected');
    second.connect();
    expect(await disconnected).toMatchObject({ code: 3504 });
  });
});
