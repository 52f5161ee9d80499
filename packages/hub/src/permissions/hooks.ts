import type { ConnectRequest, SubscribeRequest } from '../client.ts';
import { CommandError, DisconnectError } from '../codes.ts';
import type { Admission, Question, Refreshment, SubscriptionGrant, Visitor } from '../permissions.ts';
import type { Json } from '../publication.ts';
import { isPromise, type MaybePromise, withCause } from './answers.ts';

// What an application is asked, and how: in time, and so that whatever its functions do, a client gets an answer and the process
// goes on.

export interface ConnectQuestion {
  readonly request: ConnectRequest;
  /** The connection's name. */
  readonly client: string;
  readonly transport: string;
  /** What the client's token says; `undefined` if it has none, or there are no `tokens` to take it. */
  readonly admission: Admission | undefined;
}

/**
 * An application's functions. Each may answer at once or by a promise. `true` is yes and `false` is no, as is everything that is
 * not named here; a thrown `CommandError` or `DisconnectError` is no in words of its own. What an object names replaces what a
 * token says.
 */
export interface Hooks {
  /** Asked for each connection whose token, if it has one, is good. */
  connect?(question: ConnectQuestion): MaybePromise<Admission | boolean>;
  /** @param refreshment what the token says; `undefined` if there are no `tokens` to take it */
  refresh?(visitor: Visitor, token: string, refreshment: Refreshment | undefined): MaybePromise<Refreshment | boolean>;
  /** Asked for a subscription that no token or capability allows, where the namespace says `ask`. */
  subscribe?(visitor: Visitor, request: SubscribeRequest): MaybePromise<SubscriptionGrant | boolean>;
  /** Asked if there are no `tokens` to take the client's. */
  refreshSubscription?(visitor: Visitor, channel: string, token: string): MaybePromise<SubscriptionGrant | boolean>;
  /** Asked where the namespace says `ask`, as are the following. @returns what to publish, if it is something else */
  publish?(question: Question, data: Json): MaybePromise<{ readonly data: Json } | boolean>;
  seePresence?(question: Question): MaybePromise<boolean>;
  seeHistory?(question: Question): MaybePromise<boolean>;
}

export type HookName = keyof Hooks;

function warn(error: unknown, what: string): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`Asking for permission failed (${what}): ${text}`, { type: 'HubPermissionWarning' });
}

export class HookCaller {
  readonly #timeout: number;
  readonly #report: (error: unknown, what: HookName | 'tokens') => void;

  /** @param timeout milliseconds */
  constructor(timeout: number, report: ((error: unknown, what: HookName | 'tokens') => void) | undefined) {
    this.#timeout = timeout;
    this.#report = report ?? warn;
  }

  /**
   * @returns what `ask` answers, at once if it does
   * @throws CommandError 100, at once or by the promise, if it throws something that is meant for nobody, or takes too long
   */
  call<T>(hook: HookName, ask: () => MaybePromise<T>): MaybePromise<T> {
    let answer: MaybePromise<T>;
    try {
      answer = ask();
    } catch (error) {
      throw this.#answerFor(error, hook);
    }
    return isPromise(answer) ? this.#inTime(answer, hook) : answer;
  }

  #inTime<T>(answer: Promise<T>, hook: HookName): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(this.#answerFor(new Error(`no answer within ${this.#timeout} ms`), hook));
      }, this.#timeout);
      answer.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error: unknown) => {
          clearTimeout(timer);
          if (!isLate) reject(this.#answerFor(error, hook));
        },
      );
    });
  }

  #answerFor(error: unknown, hook: HookName): Error {
    if (error instanceof CommandError || error instanceof DisconnectError) return error;
    return this.failed(error, hook);
  }

  /** Reports what went wrong. @returns what a client is told of it */
  failed(error: unknown, what: HookName | 'tokens'): CommandError {
    try {
      this.#report(error, what);
    } catch (another) {
      warn(another, what);
    }
    return withCause(new CommandError('INTERNAL'), error);
  }
}
