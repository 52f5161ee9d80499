import { createHmac } from 'node:crypto';
import { CommandError, createPermissions, DisconnectError, type Hooks, type PermissionsOptions } from '@tidewire/hub';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forge, refusalOf, seconds, visitor } from './support.ts';

const secret = 'a secret that is long enough for HMAC';
const tokens = { secrets: [secret] };
const token = (claims: object): string =>
  forge({ alg: 'HS256' }, claims, (text) => createHmac('sha256', secret).update(text).digest());

const namespaces = {
  ask: { subscribe: 'ask', subscribePrefix: 'ask', publish: 'ask', seePresence: 'ask', seeHistory: 'ask' },
  open: { subscribe: 'everyone', publish: 'everyone', seePresence: 'everyone', seeHistory: 'everyone' },
} as const;

const question = { visitor: visitor(), channel: 'ask:a', isSubscribed: false };

/** Permissions with these hooks, and what goes wrong in them. */
function asking(hooks: Hooks, more: PermissionsOptions = {}) {
  const errors: string[] = [];
  const error = (cause: unknown, what: string) =>
    void errors.push(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
  return { permissions: createPermissions({ namespaces, hooks, error, ...more }), errors };
}

afterEach(() => vi.useRealTimers());

describe('the connect hook', () => {
  const connect = (hooks: Hooks, text?: string, more?: PermissionsOptions) =>
    asking(hooks, { tokens, ...more }).permissions.connect({ token: text, data: '{"a":1}' }, 'c1', 'sse');

  it('says who somebody without a token is', async () => {
    const admission = { user: '7', connectionInfo: '{}', data: '1', meta: { a: 1 } };
    expect(connect({ connect: () => admission })).toEqual(admission);
    expect(await connect({ connect: async () => admission })).toEqual(admission);
    expect(connect({ connect: () => true })).toEqual({});
  });

  it('learns what there is to know', async () => {
    const hook = vi.fn<NonNullable<Hooks['connect']>>(() => true);
    await connect({ connect: hook }, token({ sub: '42' }));
    expect(hook.mock.calls[0]?.[0]).toMatchObject({
      request: { data: '{"a":1}' },
      client: 'c1',
      transport: 'sse',
      admission: { user: '42' },
    });
  });

  it('may change what the token says, and what it does not name stays', async () => {
    const exp = seconds(60);
    const text = token({ sub: '42', info: 1, exp });
    const admission = await connect({ connect: () => ({ connectionInfo: '2', user: undefined }) }, text);
    expect(admission).toMatchObject({ user: '42', connectionInfo: '2', expiresAt: (exp + 5) * 1000 });
  });

  it('is not asked if the token is not good', async () => {
    const hook = vi.fn(() => true);
    expect(await refusalOf(() => connect({ connect: hook }, 'nonsense'))).toBe('disconnect 3500');
    expect(hook).not.toHaveBeenCalled();
  });

  it('may take tokens of its own kind where there are no keys', async () => {
    const hooks: Hooks = { connect: ({ request }) => (request.token === 'opaque' ? { user: '7' } : false) };
    expect(await connect(hooks, 'opaque', { tokens: undefined })).toEqual({ user: '7' });
    expect(await refusalOf(() => connect(hooks, 'another', { tokens: undefined }))).toBe('disconnect 3507');
  });

  it('refuses by anything that is no yes', async () => {
    for (const no of [false, undefined, null, 0, 'yes']) {
      const hooks = { connect: () => no } as unknown as Hooks;
      expect(await refusalOf(() => connect(hooks))).toBe('disconnect 3507');
      expect(await refusalOf(() => connect(hooks, token({ sub: '42' })))).toBe('disconnect 3507');
    }
  });
});

describe('where a namespace says ask', () => {
  const asks = (hooks: Hooks) => {
    const { permissions, errors } = asking(hooks);
    return {
      errors,
      ask: {
        subscribe: () => permissions.subscribe(visitor(), { channel: 'ask:a' }),
        publish: () => permissions.publish(question, '1'),
        seePresence: () => permissions.seePresence(question),
        seeHistory: () => permissions.seeHistory(question),
      },
    };
  };
  const names = ['subscribe', 'publish', 'seePresence', 'seeHistory'] as const;
  const every = (answer: () => unknown) => Object.fromEntries(names.map((name) => [name, answer])) as unknown as Hooks;

  it('nobody may without a hook', async () => {
    const { ask } = asks({});
    for (const name of names) expect(await refusalOf(ask[name])).toBe('error 103');
  });

  it('the hook decides, at once or later', async () => {
    for (const [answer, expected] of [
      [() => true, 'none'],
      [async () => true, 'none'],
      // biome-ignore lint/suspicious/noThenProperty: some libraries have promises of their own.
      [() => ({ then: (next: (yes: boolean) => void) => next(true) }), 'none'],
      [() => false, 'error 103'],
      [async () => false, 'error 103'],
      [() => undefined, 'error 103'],
      [async () => null, 'error 103'],
      [() => Promise.reject(new CommandError(1000, 'not today')), 'error 1000'],
      [() => Promise.reject(new DisconnectError({ code: 4000, reason: 'gone' })), 'disconnect 4000'],
    ] as const) {
      const { ask, errors } = asks(every(answer));
      for (const name of names) expect([name, await refusalOf(ask[name])]).toEqual([name, expected]);
      expect(errors).toEqual([]);
    }
  });

  it('an error of the hook is an internal one, and reported', async () => {
    for (const answer of [
      () => {
        throw new Error('broken');
      },
      async () => Promise.reject(new Error('broken')),
    ]) {
      const { ask, errors } = asks(every(answer));
      for (const name of names) expect(await refusalOf(ask[name])).toBe('error 100 temporary');
      expect(errors).toEqual(names.map((name) => `${name}: broken`));
    }
  });

  it('a hook that does not answer in time has failed, and what it says or throws later does nothing', async () => {
    vi.useFakeTimers();
    let giveUp: (error: Error) => void = () => {};
    const { permissions, errors } = asking(
      { subscribe: () => new Promise((_resolve, reject) => (giveUp = reject)) },
      { hookTimeout: 700 },
    );
    const refusal = refusalOf(() => permissions.subscribe(visitor(), { channel: 'ask:a' }));
    await vi.advanceTimersByTimeAsync(699);
    expect(errors).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await refusal).toBe('error 100 temporary');
    giveUp(new Error('too late'));
    await vi.advanceTimersByTimeAsync(1);
    expect(errors).toEqual(['subscribe: no answer within 700 ms']);
  });

  it('leaves no timer behind a hook that has answered', async () => {
    vi.useFakeTimers();
    const { permissions } = asking({ subscribe: async () => true });
    await permissions.subscribe(visitor(), { channel: 'ask:a' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('an error callback that throws takes nothing with it', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const error = () => {
      throw new Error('the callback is broken, too');
    };
    const { permissions } = asking({ subscribe: () => Promise.reject(new Error('broken')) }, { error });
    expect(await refusalOf(() => permissions.subscribe(visitor(), { channel: 'ask:a' }))).toBe('error 100 temporary');
    expect(String(warned.mock.calls[0]?.[0])).toContain('the callback is broken, too');
    warned.mockRestore();
  });

  it('the publish hook may change what is published, to JSON', async () => {
    const publish = (data: unknown) =>
      asking({ publish: () => ({ data }) } as unknown as Hooks).permissions.publish(question, '1');
    expect(publish('{"clean":true}')).toBe('{"clean":true}');
    for (const data of ['{"clean"', '', 7, { clean: true }]) {
      expect(await refusalOf(() => publish(data))).toBe('error 100 temporary');
    }
  });

  it('the subscribe hook says what others see of it, and until when', async () => {
    const grant = { channelInfo: '1', data: '2', expiresAt: 3 };
    const { permissions } = asking({ subscribe: () => grant, refreshSubscription: () => ({ expiresAt: 4 }) });
    expect(permissions.subscribe(visitor(), { channel: 'ask:*' })).toEqual(grant);
    expect(permissions.refreshSubscription(visitor(), 'ask:a', 'x')).toEqual({ expiresAt: 4 });
    expect(await refusalOf(() => asking({}).permissions.refreshSubscription(visitor(), 'ask:a', 'x'))).toBe(
      'error 103',
    );
  });
});

it('no hook is asked where the namespace or a capability has decided', async () => {
  const hook = vi.fn(() => false);
  const { permissions } = asking({ subscribe: hook, publish: hook, seePresence: hook, seeHistory: hook });
  const open = { ...question, channel: 'open:a' };
  const capable = visitor({ capabilities: [{ channels: ['ask:a'], allow: ['sub'] }] });
  permissions.subscribe(visitor(), { channel: 'open:a' });
  permissions.subscribe(capable, { channel: 'ask:a' });
  expect(permissions.publish(open, '1')).toBe('1');
  permissions.seePresence(open);
  permissions.seeHistory(open);
  expect(hook).not.toHaveBeenCalled();
});

it('the refresh hook may shorten or end what a token prolongs, and decides alone without one', async () => {
  const refresh = (hooks: Hooks, more?: PermissionsOptions) =>
    asking(hooks, more).permissions.refresh(visitor(), token({ sub: '42', exp: seconds(60) }));
  expect(await refresh({ refresh: () => ({ expiresAt: 5 }) }, { tokens })).toMatchObject({ expiresAt: 5 });
  expect(await refusalOf(() => refresh({ refresh: () => false }, { tokens }))).toBe('error 103');
  const nothing = { refresh: () => undefined } as unknown as Hooks;
  expect(await refusalOf(() => refresh(nothing, { tokens }))).toBe('error 103');
  expect(await refresh({ refresh: () => true })).toEqual({});
});

it('new hooks and keys are asked from then on, and wrong ones change nothing', async () => {
  const { permissions } = asking({ publish: () => false }, { tokens });
  expect(() => permissions.reconfigure({ hooks: {}, tokens: { secrets: ['short'] } })).toThrow('tokens.secrets[0]');
  expect(() => permissions.reconfigure({ hookTimeout: 0 })).toThrow('hookTimeout');
  expect(await refusalOf(() => permissions.publish(question, '1'))).toBe('error 103');
  permissions.reconfigure({
    hooks: { publish: () => true },
    tokens: { secrets: ['another secret, as long as it must be'] },
  });
  expect(permissions.publish(question, '1')).toBe('1');
  const connect = async () => permissions.connect({ token: token({ sub: '42' }) }, 'c1', 'websocket');
  expect(await refusalOf(connect)).toBe('disconnect 3500');
});
