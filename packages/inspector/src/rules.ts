import {
  type CompiledMatch,
  compileMatch,
  type Direction,
  type Match,
  type MessageRecord,
  type Rule,
} from './recording/index.ts';

// What is to be done with which messages: the rules of `control.ts`, made ready to be asked for every message.

interface ReadyRule {
  readonly rule: Rule;
  readonly matches: CompiledMatch;
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

  /** @throws PatternError for a pattern that cannot be searched for; nothing has changed then */
  set(rules: readonly Rule[]): void {
    const ready = rules.map((rule) => ({ rule, matches: compileMatch(rule.match) })).filter(({ rule }) => rule.isOn);
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

  /** What is to be done with a message, by the first rule that matches: one that is only about a share may leave it to the next. */
  decide(message: MessageRecord): Rule['action'] | undefined {
    const isMeant = ({ rule: { share = 1 }, matches }: ReadyRule) => matches(message) && this.#random() < share;
    return this.#ready.find(isMeant)?.rule.action;
  }
}

function mayConcern(match: Match, connection: number, direction: Direction): boolean {
  return (
    (match.connection === undefined || match.connection === connection) &&
    (match.direction === undefined || match.direction === direction)
  );
}
