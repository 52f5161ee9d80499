import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Gate } from '../servers/gate.ts';
import { Application, serve, token, webSocketAt } from './centrifuge-support.ts';
import { chromiumPath } from './support.ts';

describe.skipIf(chromiumPath === '')('the SDK of Centrifugo in Chromium, with the service', { timeout: 60_000 }, () => {
  let application: Application;

  beforeAll(async () => {
    application = await Application.start();
  });

  afterAll(() => application?.stop());

  /** A service behind a gate, through which clients come. */
  async function start() {
    const node = await serve(application.origin);
    const gate = await Gate.open(node.port);
    onTestFinished(() => gate.close());
    const enter = (user: string, more: { channel?: string; joinLeave?: boolean } = {}) =>
      application.visit({ endpoint: webSocketAt(gate.port), options: { token: token(user) }, ...more });
    return { node, gate, enter };
  }

  it('publishes, and is told what others publish', async () => {
    const { node, enter } = await start();
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    await ann.hears(['connected', 'websocket'], ['subscribed']);
    await bob.hears(['connected', 'websocket'], ['subscribed']);
    await ann.page.evaluate(() => window.sdk.subscription.publish({ text: 'Grüße 🌊\n' }));
    await node.publish('chat:lobby', 'from a backend');
    await ann.has({ text: 'Grüße 🌊\n' }, 'from a backend');
    await bob.has({ text: 'Grüße 🌊\n' }, 'from a backend');
    await node.api('send', { user: 'bob', data: 'for you' });
    await bob.hears(['message', 'for you']);
  });

  it('sees who is there, and who comes and goes', async () => {
    const { enter } = await start();
    const ann = await enter('ann', { joinLeave: true });
    await ann.hears(['subscribed']);
    const bob = await enter('bob');
    await ann.hears(['join', 'bob']);
    const presence = () =>
      ann.page.evaluate(async () => {
        const { clients } = await window.sdk.subscription.presence();
        const { numClients, numUsers } = await window.sdk.subscription.presenceStats();
        return { users: Object.values(clients).map(({ user }) => user), numClients, numUsers };
      });
    const { users, ...counts } = await presence();
    expect(users.sort()).toEqual(['ann', 'bob']);
    expect(counts).toEqual({ numClients: 2, numUsers: 2 });
    await bob.page.close();
    await ann.hears(['leave', 'bob']);
    expect(await presence()).toEqual({ users: ['ann'], numClients: 1, numUsers: 1 });
  });

  it('reads what was published before it came', async () => {
    const { node, enter } = await start();
    await node.publish('chat:lobby', 1, 2, 3);
    const ann = await enter('ann');
    await ann.hears(['subscribed']);
    const history = await ann.page.evaluate(async () => {
      const { publications } = await window.sdk.subscription.history({ limit: 2, reverse: true });
      return publications.map(({ data }) => data);
    });
    expect(history).toEqual([3, 2]);
    await ann.has();
  });

  it('gets everything once and in order when its network comes back', async () => {
    const { node, gate, enter } = await start();
    const ann = await enter('ann');
    await ann.hears(['subscribed']);
    for (let round = 0; round < 3; round++) {
      await node.publish('chat:lobby', 4 * round);
      gate.cut();
      await node.publish('chat:lobby', 4 * round + 1, 4 * round + 2);
      gate.mend();
      // While it is coming back.
      await node.publish('chat:lobby', 4 * round + 3);
      await ann.hears(['subscribed', 'recovered']);
    }
    await node.publish('chat:lobby', 12);
    await ann.has(...Array.from({ length: 13 }, (_, i) => i));
  });

  it('learns that something is not kept any more', async () => {
    const { node, gate, enter } = await start();
    const ann = await enter('ann', { channel: 'brief:news' });
    await ann.hears(['subscribed']);
    await node.publish('brief:news', 1);
    await ann.has(1);
    gate.cut();
    await node.publish('brief:news', 2, 3, 4);
    gate.mend();
    await ann.hears(['subscribed', 'not recovered']);
    await node.publish('brief:news', 5);
    await ann.has(1, 5);
  });

  it('brings new tokens before the old ones expire, and stays connected', async () => {
    const { node, gate } = await start();
    const before = application.tokens;
    const tokenUrl = `${application.origin}/token?user=ann&ttl=2`;
    const ann = await application.visit({ endpoint: webSocketAt(gate.port), tokenUrl });
    await ann.hears(['connected', 'websocket'], ['subscribed']);
    await expect.poll(() => application.tokens - before, { timeout: 15_000 }).toBeGreaterThanOrEqual(4);
    await node.publish('chat:lobby', 'still there');
    await ann.has('still there');
    expect(await ann.page.evaluate(() => window.sdk.events)).toEqual([]);
  });

  it('gets another token when the one that it comes with has expired', async () => {
    const { gate } = await start();
    const tokenUrl = `${application.origin}/token?user=ann&ttl=60`;
    const options = { token: token('ann', -10) };
    const ann = await application.visit({ endpoint: webSocketAt(gate.port), tokenUrl, options });
    await ann.hears(['connected', 'websocket'], ['subscribed']);
  });

  it('is sent away by the backend, for good or to come back, and taken out of a channel', async () => {
    const { node, enter } = await start();
    const ann = await enter('ann');
    await ann.hears(['subscribed']);
    await node.api('disconnect', { user: 'ann', code: 4001, reason: 'take a break' });
    await ann.hears(['subscribing', 1], ['connecting', 4001], ['connected', 'websocket'], ['subscribed', 'recovered']);
    await node.api('unsubscribe', { user: 'ann', channel: 'chat:lobby' });
    await ann.hears(['unsubscribed', 2000]);
    await node.api('disconnect', { user: 'ann' });
    await ann.hears(['disconnected', 3503]);
    expect(await ann.page.evaluate(() => window.sdk.events)).toEqual([]);
  });
});
