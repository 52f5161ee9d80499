import { type Matchable, matcherOf } from './match.ts';
import type { Direction, Match, Rule } from './recording/index.ts';

// What is to be done with which messages: the rules of `control.ts`, made ready to be asked for every message.

interface ReadyRule {
  readonly rule: Rule;
  readonly matches: (message: Matchable) => boolean;
}

export class Rules {
  readonly #random: () => number;
  #rules: readonly Rule[] = [];
  #ready: readonly ReadyRule[] = [];
  readonly #listeners = new Set<() => void>();

  /** @param random from 0 to 1, for rules about a share of messages. Default: `Math.random` */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get all(): readonly Rule[] {
    return this.#rules;
  }

  /** @throws TypeError for a pattern that is no regular expression; nothing has changed then */
  set(rules: readonly Rule[]): void {
    const ready = rules.filter(({ isOn }) => isOn).map((rule) => ({ rule, matches: matcherOf(rule.match) }));
    this.#rules = rules;
    this.#ready = ready;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` when the rules have changed. Returns what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether one of them may be about a message that goes this way. */
  concern(connection: number, direction: Direction): boolean {
    return this.#ready.some(({ rule: { match } }) => mayConcern(match, connection, direction));
  }

  /** What is to be done with a message: what the first rule says that matches. */
  decide(message: Matchable): Rule['action'] | undefined {
    return this.#ready.find(({ rule: { share = 1 }, matches }) => matches(message) && this.#random() < share)?.rule
      .action;
  }
}

function mayConcern(match: Match, connection: number, direction: Direction): boolean {
  return (
    (match.connection === undefined || match.connection === connection) &&
    (match.direction === undefined || match.direction === direction)
  );
}
