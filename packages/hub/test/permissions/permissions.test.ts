import { createHmac } from 'node:crypto';
import {
  type Access,
  CommandError,
  createPermissions,
  type NamespaceOptions,
  type PermissionsOptions,
} from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { forge, refusalOf, seconds, visitor } from './support.ts';

const secret = 'a secret that is long enough for HMAC';
const tokens = { secrets: [secret] };
const token = (claims: object): string =>
  forge({ alg: 'HS256' }, claims, (text) => createHmac('sha256', secret).update(text).digest());

const about = (channel: string, isSubscribed = false, who = visitor()) => ({ visitor: who, channel, isSubscribed });
const nobody = visitor({ user: '' });

const under = (namespace: NamespaceOptions, more: PermissionsOptions = {}) =>
  createPermissions({ namespaces: { chat: namespace }, ...more });

describe('connecting', () => {
  const connect = (options: PermissionsOptions, text?: string) => async () =>
    createPermissions(options).connect({ token: text }, 'c1', 'websocket');

  it('needs a token if there are tokens', async () => {
    expect(await connect({ tokens }, token({ sub: '42' }))()).toMatchObject({ user: '42' });
    expect(await refusalOf(connect({ tokens }))).toBe('error 101');
    expect(await refusalOf(connect({ tokens }, ''))).toBe('error 101');
  });

  it('needs none if anonymous connections are allowed, as they are without tokens', async () => {
    expect(await connect({ tokens, isAnonymousAllowed: true })()).toEqual({});
    expect(await connect({})()).toEqual({});
    expect(await refusalOf(connect({ isAnonymousAllowed: false }))).toBe('error 101');
  });

  it('with a token that is not good is refused, even where none is needed', async () => {
    const options = { tokens, isAnonymousAllowed: true };
    expect(await refusalOf(connect(options, 'nonsense'))).toBe('disconnect 3500');
    expect(await refusalOf(connect(options, token({ sub: '42', exp: seconds(-60) })))).toBe('error 109');
    expect(await refusalOf(connect({}, token({ sub: '42' })))).toBe('disconnect 3500');
  });

  it('is to be tried again if the keys are not available', async () => {
    const reported: string[] = [];
    const options: PermissionsOptions = {
      tokens: { jwks: { url: 'http://127.0.0.1:1/' } },
      error: (_error, what) => reported.push(what),
    };
    const text = forge({ alg: 'ES256', kid: 'k' }, {}, () => Buffer.alloc(64));
    expect(await refusalOf(connect(options, text))).toBe('error 100 temporary');
    expect(reported).toEqual(['tokens']);
  });
});

describe('refreshing a connection', () => {
  const permissions = createPermissions({ tokens });

  it('takes a token of the same user', async () => {
    const exp = seconds(60);
    const caps = [{ channels: ['a'], allow: ['pub'] }];
    expect(await permissions.refresh(visitor(), token({ sub: '42', exp, info: 1, caps }))).toEqual({
      expiresAt: (exp + 5) * 1000,
      connectionInfo: '1',
      capabilities: caps,
    });
    // What the token does not allow any more is not allowed any more.
    expect(await permissions.refresh(visitor(), token({ sub: '42', exp }))).toMatchObject({ capabilities: [] });
  });

  it('refuses every other', async () => {
    const refresh = (text: string) => refusalOf(() => permissions.refresh(visitor(), text));
    expect(await refresh(token({ sub: '43', exp: seconds(60) }))).toBe('disconnect 3500');
    expect(await refresh('nonsense')).toBe('disconnect 3500');
    // Temporary, because an SDK gets another token then, and gives up otherwise.
    expect(await refresh(token({ sub: '42', exp: seconds(-60) }))).toBe('error 109 temporary');
    expect(await refusalOf(() => createPermissions().refresh(visitor(), 'x'))).toBe('error 103');
  });
});

describe('a token for a channel', () => {
  const permissions = under({ subscribe: 'nobody' }, { tokens });
  const subscribe = (text: string, who = visitor()) =>
    refusalOf(() => permissions.subscribe(who, { channel: 'chat:a', token: text }));

  it('lets its user into that channel', async () => {
    const exp = seconds(60);
    const text = token({ sub: '42', channel: 'chat:a', info: { role: 'host' }, exp });
    const grant = { channelInfo: '{"role":"host"}', expiresAt: (exp + 5) * 1000 };
    expect(await permissions.subscribe(visitor(), { channel: 'chat:a', token: text })).toEqual(grant);
    expect(await permissions.refreshSubscription(visitor(), 'chat:a', text)).toEqual(grant);
    expect(await subscribe(token({ channel: 'chat:a' }), nobody)).toBe('none');
    expect(await subscribe(token({ sub: '42', client: 'c1', channel: 'chat:a' }))).toBe('none');
  });

  it('lets nobody else in, and nowhere else', async () => {
    expect(await subscribe(token({ sub: '43', channel: 'chat:a' }))).toBe('error 103');
    expect(await subscribe(token({ channel: 'chat:a' }))).toBe('error 103');
    expect(await subscribe(token({ sub: '42', channel: 'chat:b' }))).toBe('error 103');
    expect(await subscribe(token({ sub: '42', channel: 'chat:*' }))).toBe('error 103');
    expect(await subscribe(token({ sub: '42', client: 'c2', channel: 'chat:a' }))).toBe('error 103');
    expect(await subscribe(token({ sub: '42' }))).toBe('error 103');
    expect(await subscribe('nonsense')).toBe('error 103');
    expect(await subscribe(token({ sub: '42', channel: 'chat:a', exp: seconds(-60) }))).toBe('error 109');
  });

  it('that has expired can be followed by another, and one that is not good ends the subscription', async () => {
    const refresh = (text: string) => refusalOf(() => permissions.refreshSubscription(visitor(), 'chat:a', text));
    expect(await refresh(token({ sub: '42', channel: 'chat:a', exp: seconds(-60) }))).toBe('error 109 temporary');
    expect(await refresh(token({ sub: '42', channel: 'chat:b' }))).toBe('error 103');
  });

  it('that is not good is refused even where none is needed', async () => {
    const open = under({ subscribe: 'everyone' }, { tokens });
    const asked = () => open.subscribe(visitor(), { channel: 'chat:a', token: 'nonsense' });
    expect(await refusalOf(asked)).toBe('error 103');
  });
});

describe("a namespace's options", () => {
  it.each<[Access | undefined, string]>([
    ['everyone', 'subscribed user nobody'],
    ['users', 'subscribed user'],
    ['subscribers', 'subscribed'],
    ['ask', ''],
    ['nobody', ''],
    [undefined, ''],
  ])('%s lets publish: %s', async (publish, expected) => {
    const permissions = under({ publish });
    const who = { subscribed: about('chat:a', true), user: about('chat:a'), nobody: about('chat:a', false, nobody) };
    const allowed = [];
    for (const [name, question] of Object.entries(who)) {
      if ((await refusalOf(() => permissions.publish(question, '1'))) === 'none') allowed.push(name);
    }
    expect(allowed.join(' ')).toBe(expected);
  });

  it('are users for subscribing and subscribers for seeing, and the prefix is for nobody, unless they say otherwise', async () => {
    const permissions = under({});
    const subscribe = (channel: string, who = visitor()) => refusalOf(() => permissions.subscribe(who, { channel }));
    expect(await subscribe('chat:a')).toBe('none');
    expect(await subscribe('chat:a', nobody)).toBe('error 103');
    expect(await subscribe('chat:*')).toBe('error 103');
    expect(await refusalOf(() => permissions.seePresence(about('chat:a', true)))).toBe('none');
    expect(await refusalOf(() => permissions.seePresence(about('chat:a')))).toBe('error 103');
    expect(await refusalOf(() => permissions.seeHistory(about('chat:a', true)))).toBe('none');
    expect(await refusalOf(() => permissions.seeHistory(about('chat:a')))).toBe('error 103');
    expect(await subscribe('chat:a:*')).toBe('error 103');
    const open = under({ subscribe: 'nobody', subscribePrefix: 'users' });
    expect(await refusalOf(() => open.subscribe(visitor(), { channel: 'chat:*' }))).toBe('none');
    expect(await refusalOf(() => open.subscribe(visitor(), { channel: 'chat:a:*' }))).toBe('none');
    expect(await refusalOf(() => open.subscribe(visitor(), { channel: 'chat:a' }))).toBe('error 103');
  });

  it('are answered for without a promise', () => {
    const permissions = under({ publish: 'users' });
    expect(permissions.publish(about('chat:a'), '{"a":1}')).toBe('{"a":1}');
    expect(permissions.subscribe(visitor(), { channel: 'chat:a' })).toEqual({});
    expect(() => permissions.publish(about('chat:a', false, nobody), '1')).toThrow(CommandError);
  });

  it('are those of a namespace that exists', async () => {
    const permissions = createPermissions({ namespaces: { '': {}, chat: {} } });
    const subscribe = (channel: string) => refusalOf(() => permissions.subscribe(visitor(), { channel }));
    expect(await subscribe('lobby')).toBe('none');
    for (const channel of ['news:a', 'constructor:a', '__proto__:a', ':a:', 'chat2:a']) {
      expect(await subscribe(channel)).toBe(channel === ':a:' ? 'none' : 'error 102');
    }
    expect(await refusalOf(() => createPermissions().subscribe(visitor(), { channel: 'a' }))).toBe('error 102');
  });

  it('can be exchanged, by the hub unless they were given', async () => {
    const permissions = createPermissions();
    const publish = () => refusalOf(() => permissions.publish(about('chat:a'), '1'));
    permissions.useNamespaces?.({ chat: { publish: 'users' } });
    expect(await publish()).toBe('none');
    permissions.useNamespaces?.({ chat: {} });
    expect(await publish()).toBe('error 103');
    permissions.reconfigure({ namespaces: { chat: { publish: 'everyone' } } });
    permissions.useNamespaces?.({ chat: {} });
    expect(await publish()).toBe('none');
  });
});

describe('a capability', () => {
  const who = (channels: string[], allow: ('sub' | 'pub' | 'prs' | 'hst')[], match?: 'wildcard') =>
    visitor({ user: '', capabilities: [{ channels, allow, match }] });
  const closed = { subscribe: 'nobody', seePresence: 'nobody', seeHistory: 'nobody' } as const;
  const permissions = createPermissions({ namespaces: { '': closed, chat: closed, news: closed } });

  it('allows what it names where the namespace does not', async () => {
    const asked = (channel: string, one: ReturnType<typeof visitor>) => ({
      sub: () => permissions.subscribe(one, { channel }),
      pub: () => permissions.publish(about(channel, false, one), '1'),
      prs: () => permissions.seePresence(about(channel, false, one)),
      hst: () => permissions.seeHistory(about(channel, false, one)),
    });
    for (const word of ['sub', 'pub', 'prs', 'hst'] as const) {
      for (const [name, ask] of Object.entries(asked('chat:a', who(['chat:a'], [word])))) {
        expect([word, name, await refusalOf(ask)]).toEqual([word, name, name === word ? 'none' : 'error 103']);
      }
      expect(await refusalOf(asked('chat:b', who(['chat:a'], [word]))[word])).toBe('error 103');
    }
  });

  it.each<[string, string, boolean]>([
    ['chat:*', 'chat:a', true],
    ['chat:*', 'chat:*', true],
    ['chat:*', 'news:a', false],
    ['chat:a*', 'chat:*', false],
    ['*', 'news:a', true],
    ['*:a', 'chat:a', true],
    ['*:a', 'chat:ab', false],
    ['chat:*b*d', 'chat:abcd', true],
    ['chat:*b*d', 'chat:dcbbcd', true],
    ['chat:*b*d', 'chat:b', false],
    ['chat:ab*ba', 'chat:aba', false],
    ['chat:a', 'chat:a', true],
    ['chat:a', 'chat:ab', false],
  ])('for %s by wildcard is about %s: %s', async (pattern, channel, isAbout) => {
    const one = who([pattern], ['sub'], 'wildcard');
    expect(await refusalOf(() => permissions.subscribe(one, { channel }))).toBe(isAbout ? 'none' : 'error 103');
  });

  it('without wildcard takes a star for what it is', async () => {
    const one = who(['chat:*'], ['sub']);
    expect(await refusalOf(() => permissions.subscribe(one, { channel: 'chat:a' }))).toBe('error 103');
    expect(await refusalOf(() => permissions.subscribe(one, { channel: 'chat:*' }))).toBe('none');
  });

  it('counts alone if it is the first about a channel', async () => {
    const capabilities = [
      { channels: ['chat:a'], allow: ['pub'] as const },
      { channels: ['chat:a'], allow: ['sub'] as const },
    ];
    const asked = () => permissions.subscribe(visitor({ capabilities }), { channel: 'chat:a' });
    expect(await refusalOf(asked)).toBe('error 103');
  });
});
