import { createHmac } from 'node:crypto';
import { createPermissions, type Hub, type HubOptions } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { startHub, subscribe, TestOutlet, visit } from '../support/visiting.ts';
import { forge, refusalOf, seconds } from './support.ts';

const secret = 'a secret that is long enough for HMAC';
const token = (claims: object): string =>
  forge({ alg: 'HS256' }, claims, (text) => createHmac('sha256', secret).update(text).digest());

const guarded = (more: HubOptions = {}): Promise<Hub> =>
  startHub({
    namespaces: { chat: { subscribe: 'nobody', history: { size: 10, ttl: 60_000 } }, open: { subscribe: 'users' } },
    permissions: createPermissions({ tokens: { secrets: [secret] } }),
    ...more,
  });

describe('a hub with tokens', () => {
  it('lets a client in as the user of its token, until that expires', async () => {
    const hub = await guarded();
    const { client, result } = await visit(hub, undefined, { token: token({ sub: '42', exp: seconds(60) }) });
    expect(client.user).toBe('42');
    expect(result.ttl).toBeGreaterThan(55);
    expect(result.ttl).toBeLessThanOrEqual(66);
    expect(await client.refresh(token({ sub: '42', exp: seconds(600) }))).toBeGreaterThan(595);
  });

  it('refuses the others in words that SDKs know what to do with', async () => {
    const hub = await guarded();
    const outcome = async (text?: string) => {
      const outlet = new TestOutlet();
      return [await refusalOf(() => visit(hub, undefined, { outlet, token: text })), outlet.disconnect?.code];
    };
    expect(await outcome()).toEqual(['error 101', undefined]);
    expect(await outcome(token({ sub: '42', exp: seconds(-60) }))).toEqual(['error 109', undefined]);
    expect(await outcome('nonsense')).toEqual(['disconnect 3500', 3500]);
    expect(hub.connectionCount).toBe(0);
  });

  it('gives no permission that is over already, for which a client would come again at once', async () => {
    const hub = await guarded();
    const late = { sub: '42', expire_at: seconds(-1) };
    expect(await refusalOf(() => visit(hub, undefined, { token: token(late) }))).toBe('error 109');
    const visitor = await visit(hub, undefined, { token: token({ sub: '42' }) });
    const forChannel = (claims: object) => token({ ...claims, channel: 'chat:a' });
    expect(await refusalOf(() => visitor.client.refresh(token(late)))).toBe('error 109 temporary');
    expect(await refusalOf(() => subscribe(visitor, 'chat:a', { token: forChannel(late) }))).toBe('error 109');
    await subscribe(visitor, 'chat:a', { token: forChannel({ sub: '42' }) });
    const again = () => visitor.client.refreshSubscription('chat:a', forChannel(late));
    expect(await refusalOf(again)).toBe('error 109 temporary');
    expect(visitor.outlet.disconnect).toBeUndefined();
  });

  it('ends a connection whose refreshing token is not genuine, and keeps one whose token has expired', async () => {
    const hub = await guarded();
    const { client, outlet } = await visit(hub, undefined, { token: token({ sub: '42' }) });
    expect(await refusalOf(() => client.refresh(token({ sub: '42', exp: seconds(-60) })))).toBe('error 109 temporary');
    expect(outlet.disconnect).toBeUndefined();
    expect(await refusalOf(() => client.refresh(token({ sub: '43' })))).toBe('disconnect 3500');
    expect(outlet.disconnect?.code).toBe(3500);
  });

  it('subscribes a client to the channels of its token, and lets it use its capabilities', async () => {
    const hub = await guarded();
    const caps = [{ channels: ['chat:team-*'], match: 'wildcard', allow: ['sub', 'pub', 'hst'] }];
    const visitor = await visit(hub, undefined, { token: token({ sub: '42', channels: ['chat:inbox'], caps }) });
    expect([...visitor.result.subscriptions.keys()]).toEqual(['chat:inbox']);
    await subscribe(visitor, 'chat:team-red');
    await visitor.client.publish('chat:team-red', '1');
    expect((await visitor.client.history('chat:team-red', {})).publications.length).toBe(1);
    expect(await refusalOf(() => subscribe(visitor, 'chat:other'))).toBe('error 103');
    expect(await refusalOf(() => visitor.client.publish('chat:inbox', '1'))).toBe('error 103');
    // Its next token does not have them any more.
    await visitor.client.refresh(token({ sub: '42' }));
    expect(await refusalOf(() => visitor.client.publish('chat:team-red', '1'))).toBe('error 103');
  });

  it('lets a client into a channel by a token, as long as that is good', async () => {
    const hub = await guarded();
    const visitor = await visit(hub, undefined, { token: token({ sub: '42' }) });
    const text = token({ sub: '42', channel: 'chat:a', exp: seconds(60) });
    expect((await subscribe(visitor, 'chat:a', { token: text })).ttl).toBeGreaterThan(55);
    expect(await refusalOf(() => subscribe(visitor, 'chat:b', { token: text }))).toBe('error 103');
    const next = token({ sub: '42', channel: 'chat:a', exp: seconds(600) });
    expect(await visitor.client.refreshSubscription('chat:a', next)).toBeGreaterThan(595);
    expect(await refusalOf(() => visitor.client.refreshSubscription('chat:a', token({ sub: '42' })))).toBe('error 103');
  });

  it('goes by other keys and namespaces as soon as they are exchanged', async () => {
    const permissions = createPermissions({ tokens: { secrets: [secret] } });
    const hub = await guarded({ permissions });
    const visitor = await visit(hub, undefined, { token: token({ sub: '42' }) });
    expect(await refusalOf(() => visitor.client.publish('open:a', '1'))).toBe('error 103');
    hub.reconfigure({ namespaces: { open: { publish: 'users' } } });
    await visitor.client.publish('open:a', '1');
    permissions.reconfigure({ tokens: { secrets: ['another secret, as long as it must be'] } });
    expect(await refusalOf(() => visit(hub, undefined, { token: token({ sub: '42' }) }))).toBe('disconnect 3500');
  });
});
