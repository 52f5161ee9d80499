import type { ConnectRequest, SubscribeRequest } from '../client.ts';
import { CommandError, DisconnectError } from '../codes.ts';
import type { NamespaceOptions } from '../namespaces.ts';
import type {
  Admission,
  Allowed,
  Permissions,
  Question,
  Refreshment,
  SubscriptionGrant,
  Visitor,
} from '../permissions.ts';
import type { Json } from '../publication.ts';
import { NamespaceAccess, type Verdict } from './access.ts';
import { after, checked, granted, isGrant, type MaybePromise, merged, withCause } from './answers.ts';
import { isCapable } from './grants.ts';
import { HookCaller, type HookName, type Hooks } from './hooks.ts';
import { createTokenVerifier, TokenError, type TokenOptions, type TokenVerifier } from './tokens.ts';

// Who may do what, in this order; the first that allows it decides:
// 1. a token that comes with the request, if there are `tokens`. One that is not good is refused, whatever else would allow it;
// 2. the capabilities of the connection, from its token or from the `connect` hook;
// 3. the namespace's option. Where it says `ask`, the hook decides; without that hook nobody may.
// Connecting: a token if there is one, then the hook, which may change what the token says. Who has no token, and no hook speaks for
// it, comes in if anonymous connections are allowed.

export interface PermissionsOptions {
  /** Default: those of the hub, which tells of them. */
  readonly namespaces?: Readonly<Record<string, NamespaceOptions>> | undefined;
  /** How tokens are verified. Without it there are none, and who brings one without a hook that takes it is refused. */
  readonly tokens?: TokenOptions | undefined;
  readonly hooks?: Hooks | undefined;
  /**
   * Whether who has no token may connect, as nobody in particular, if no `connect` hook decides. Default: if there are neither
   * `tokens` nor that hook.
   */
  readonly isAnonymousAllowed?: boolean | undefined;
  /** Milliseconds that a hook may take. Default 5000. */
  readonly hookTimeout?: number | undefined;
  /** A hook failed, and its client got error 100. Default: a warning of the process. */
  readonly error?: ((error: unknown, hook: HookName | 'tokens') => void) | undefined;
}

export interface ConfigurablePermissions extends Permissions {
  /**
   * What is named replaces what was; what is `undefined` is as if it had never been given. Connections go on under the new rules.
   * @throws TypeError as `createPermissions` does, and then nothing has changed
   */
  reconfigure(change: PermissionsOptions): void;
}

/** @throws TypeError if `tokens` has no key, or one that is not good for it */
export function createPermissions(options: PermissionsOptions = {}): ConfigurablePermissions {
  return new OrderedPermissions(options);
}

class OrderedPermissions implements ConfigurablePermissions {
  #options: PermissionsOptions = {};
  #access: NamespaceAccess | undefined;
  #verifier: TokenVerifier | undefined;
  #hooks: Hooks = {};
  #caller = new HookCaller(0, undefined);

  constructor(options: PermissionsOptions) {
    this.reconfigure(options);
  }

  reconfigure(change: PermissionsOptions): void {
    const options = { ...this.#options, ...change };
    const isSame = options.tokens === this.#options.tokens;
    const verifier = options.tokens && (isSame ? this.#verifier : createTokenVerifier(options.tokens));
    const { namespaces, hooks = {}, hookTimeout = 5000, error } = options;
    if (!(hookTimeout > 0)) throw new TypeError('hookTimeout must be more than 0 ms');
    this.#options = options;
    this.#verifier = verifier;
    this.#hooks = hooks;
    this.#caller = new HookCaller(hookTimeout, error);
    if (namespaces !== undefined) this.#access = new NamespaceAccess(namespaces);
  }

  useNamespaces(namespaces: Readonly<Record<string, NamespaceOptions>>): void {
    if (this.#options.namespaces === undefined) this.#access = new NamespaceAccess(namespaces);
  }

  connect(request: ConnectRequest, client: string, transport: string): MaybePromise<Admission> {
    const { token } = request;
    if (!token || this.#verifier === undefined) return this.#admit(request, client, transport, undefined);
    return this.#verifier.connection(token).then(
      (admission) => this.#admit(request, client, transport, admission),
      (error: unknown) => {
        throw this.#refusal(error, new DisconnectError('INVALID_TOKEN'), false);
      },
    );
  }

  #admit(
    request: ConnectRequest,
    client: string,
    transport: string,
    admission: Admission | undefined,
  ): MaybePromise<Admission> {
    const hooks = this.#hooks;
    if (hooks.connect !== undefined) {
      const question = { request, client, transport, admission };
      const answer = this.#caller.call('connect', () => hooks.connect?.(question) ?? false);
      return after(answer, (said) => {
        if (said === true) return admission ?? {};
        if (isGrant(said)) return merged(admission ?? {}, said);
        throw new DisconnectError('PERMISSION_DENIED');
      });
    }
    if (admission !== undefined) return admission;
    if (request.token) throw withCause(new DisconnectError('INVALID_TOKEN'), new Error('there are no keys for tokens'));
    if (this.#options.isAnonymousAllowed ?? this.#verifier === undefined) return {};
    throw new CommandError('UNAUTHORIZED');
  }

  refresh(visitor: Visitor, token: string): MaybePromise<Refreshment> {
    const hooks = this.#hooks;
    const ask = (known: Refreshment | undefined): MaybePromise<Refreshment> => {
      if (hooks.refresh === undefined && known !== undefined) return known;
      const answer = this.#caller.call('refresh', () => hooks.refresh?.(visitor, token, known) ?? false);
      return after(answer, (said) => granted(said, known ?? {}));
    };
    if (this.#verifier === undefined) return ask(undefined);
    return this.#verifier.connection(token).then(
      ({ user, expiresAt, connectionInfo, capabilities = [] }) => {
        if (user === visitor.user) return ask({ expiresAt, connectionInfo, capabilities });
        throw withCause(new DisconnectError('INVALID_TOKEN'), new Error('the token is of another user'));
      },
      (error: unknown) => {
        throw this.#refusal(error, new DisconnectError('INVALID_TOKEN'), true);
      },
    );
  }

  subscribe(visitor: Visitor, request: SubscribeRequest): MaybePromise<SubscriptionGrant> {
    const { channel, token } = request;
    const verdict = this.#verdict(visitor, channel, 'sub', false);
    if (token && this.#verifier !== undefined) return this.#bySubscriptionToken(visitor, channel, token, false);
    if (verdict === 'yes') return {};
    return this.#ask(verdict, 'subscribe', {}, (hooks) => hooks.subscribe?.(visitor, request));
  }

  refreshSubscription(visitor: Visitor, channel: string, token: string): MaybePromise<SubscriptionGrant> {
    if (this.#verifier !== undefined) return this.#bySubscriptionToken(visitor, channel, token, true);
    return this.#ask('ask', 'refreshSubscription', {}, (hooks) => hooks.refreshSubscription?.(visitor, channel, token));
  }

  async #bySubscriptionToken(
    visitor: Visitor,
    channel: string,
    token: string,
    isRefresh: boolean,
  ): Promise<SubscriptionGrant> {
    const denied = new CommandError('PERMISSION_DENIED');
    const claims = await this.#verifier?.subscription(token).catch((error: unknown) => {
      throw this.#refusal(error, denied, isRefresh);
    });
    const isMeant =
      claims?.channel === channel &&
      claims.user === visitor.user &&
      (claims.client === undefined || claims.client === visitor.client);
    if (claims !== undefined && isMeant) return claims.grant;
    throw withCause(denied, new Error('the token is for another channel, user or connection'));
  }

  publish(question: Question, data: Json): MaybePromise<Json> {
    const verdict = this.#verdict(question.visitor, question.channel, 'pub', question.isSubscribed);
    if (verdict === 'yes') return data;
    const answer = this.#ask(verdict, 'publish', { data }, (hooks) => {
      const said = hooks.publish?.(question, data);
      return said === undefined ? said : after(said, checked);
    });
    return after(answer, (said) => said.data);
  }

  seePresence(question: Question): MaybePromise<void> {
    return this.#see(question, 'prs', 'seePresence');
  }

  seeHistory(question: Question): MaybePromise<void> {
    return this.#see(question, 'hst', 'seeHistory');
  }

  #see(question: Question, word: Allowed, hook: 'seePresence' | 'seeHistory'): MaybePromise<void> {
    const verdict = this.#verdict(question.visitor, question.channel, word, question.isSubscribed);
    if (verdict === 'yes') return;
    return after(
      this.#ask<object>(verdict, hook, {}, (hooks) => hooks[hook]?.(question)),
      () => undefined,
    );
  }

  /** @throws CommandError 102 if there is no such namespace */
  #verdict(visitor: Visitor, channel: string, word: Allowed, isSubscribed: boolean): Verdict {
    const verdict = this.#access?.verdict(channel, word, visitor.user, isSubscribed);
    if (verdict === undefined) throw new CommandError('UNKNOWN_CHANNEL');
    return verdict !== 'yes' && isCapable(visitor.capabilities, channel, word) ? 'yes' : verdict;
  }

  /** @param ask gives `undefined` if there is no such hook */
  #ask<T extends object>(
    verdict: Verdict,
    hook: HookName,
    known: T,
    ask: (hooks: Hooks) => MaybePromise<T | boolean> | undefined,
  ): MaybePromise<T> {
    if (verdict !== 'ask') throw new CommandError('PERMISSION_DENIED');
    return after(
      this.#caller.call(hook, () => ask(this.#hooks) ?? false),
      (answer) => granted(answer, known),
    );
  }

  /**
   * What a client is told whose token is not taken.
   * @param isRefresh whether it has something that goes on: then it may try again with another token, which SDKs do after a
   *     temporary error alone
   */
  #refusal(error: unknown, otherwise: Error, isRefresh: boolean): Error {
    if (!(error instanceof TokenError)) return withCause(new CommandError('INTERNAL'), error);
    if (error.reason === 'expired') return withCause(new CommandError(109, 'token expired', isRefresh), error);
    if (error.reason === 'invalid') return withCause(otherwise, error);
    // Nothing has failed, and anybody can make up names of keys: who watches is not told of each.
    if (error.reason === 'unknown-key') return withCause(new CommandError('INTERNAL'), error);
    return this.#caller.failed(error, 'tokens');
  }
}
