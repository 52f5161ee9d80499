import { LONGEST_WAIT, type RetryHint } from './hint.ts';
import {
  type ReconnectingAction,
  type ReconnectingState,
  type ReconnectingStep,
  reconnectingTransitions,
} from './states.ts';

// When to try again: the machine without connections and timers. Each method takes what has happened and the time, and
// returns what is to be done; `due` says when `elapsed` is to be called.
//
// The wait is exponential backoff with full jitter: a random part of a ceiling that doubles with each failure, so that
// the clients of a server that comes back are spread over the whole of it. A hint of the server is waited for before.

/** How a connection ended, or an attempt. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** What no Close frame has said (RFC 6455, 7.1.5). */
export const ABNORMAL: Ending = { code: 1006, reason: '', wasClean: false };

/** Times are in milliseconds. */
export interface ReconnectionPolicy {
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly stableAfter: number;
  readonly connectTimeout: number;
  readonly maxAttempts: number;
  isFinal(ending: Ending): boolean;
  /** From 0 to 1. */
  random(): number;
}

export class Reconnection {
  readonly #policy: ReconnectionPolicy;
  #state: ReconnectingState = 'connecting';
  /** Attempts in a row, the first one left out, that have led to no stable connection. */
  #attempt = 0;
  #openedAt: number | undefined;
  #due: number;
  /** What the server has asked for. */
  #notBefore = 0;

  /** Its first attempt begins now. */
  constructor(policy: ReconnectionPolicy, now: number) {
    this.#policy = policy;
    this.#due = now + policy.connectTimeout;
  }

  get state(): ReconnectingState {
    return this.#state;
  }

  /** Which attempt is next, or under way: 0 for the first one, and for the first one after a stable connection 1. */
  get attempt(): number {
    return this.#attempt;
  }

  /** When `elapsed` is to be called; `Infinity` for never. */
  get due(): number {
    return this.#state === 'connecting' || this.#state === 'waiting' ? this.#due : Number.POSITIVE_INFINITY;
  }

  opened(now: number): readonly ReconnectingAction[] {
    this.#openedAt = now;
    return this.#step('opened');
  }

  /** The attempt failed, or the connection ended. */
  lost(ending: Ending, hint: RetryHint | undefined, now: number): readonly ReconnectingAction[] {
    const { stableAfter, maxAttempts } = this.#policy;
    if (this.#state === 'closing') return this.#step('gone');
    if (this.#openedAt !== undefined && now - this.#openedAt >= stableAfter) this.#attempt = 0;
    this.#openedAt = undefined;
    if (hint === 'never' || this.#attempt >= maxAttempts || this.#policy.isFinal(ending)) return this.#step('ended');
    this.#attempt++;
    this.#notBefore = now + (hint ?? 0);
    this.#due = this.#notBefore + this.#delay();
    return this.#step('lost');
  }

  /** The time of `due` has come. */
  elapsed(now: number): readonly ReconnectingAction[] {
    if (now < this.due) return [];
    if (this.#state === 'connecting') return this.lost(ABNORMAL, undefined, now);
    this.#due = now + this.#policy.connectTimeout;
    return this.#step('due');
  }

  hindered(): readonly ReconnectingAction[] {
    return this.#step('hindered');
  }

  /** What kept attempts from succeeding may be over: only the server's hint is still waited for. */
  encouraged(now: number): readonly ReconnectingAction[] {
    if (this.#state === 'waiting' || this.#state === 'suspended') this.#due = Math.max(now, this.#notBefore);
    return this.#step('encouraged');
  }

  close(): readonly ReconnectingAction[] {
    return this.#step('close');
  }

  #step(step: ReconnectingStep): readonly ReconnectingAction[] {
    const transition = reconnectingTransitions[this.#state][step];
    if (transition === undefined) return [];
    this.#state = transition.to;
    return transition.actions;
  }

  #delay(): number {
    const { minDelay, maxDelay, random } = this.#policy;
    return Math.min(maxDelay, LONGEST_WAIT, minDelay * 2 ** (this.#attempt - 1)) * random();
  }
}
