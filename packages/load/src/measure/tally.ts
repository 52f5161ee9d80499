import type { Counters } from '../outcome.ts';
import { type DistributionName, type Distributions, distributionNames } from '../worker/messages.ts';
import { Distribution } from './distribution.ts';

// What one worker counts and measures in one phase.

/** How many examples of what went wrong are kept, of each kind. */
const EXAMPLES = 3;

/** How many kinds of errors are told apart; what a server makes up must not fill the memory. */
const KINDS = 100;

/** The longest text of a kind, in characters. */
const KIND_LENGTH = 200;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export function noCounters(): Mutable<Counters> {
  return {
    attempted: 0,
    opened: 0,
    failed: 0,
    open: 0,
    dropped: 0,
    scheduled: 0,
    sent: 0,
    unsent: 0,
    expected: 0,
    received: 0,
    lost: 0,
    lostWithConnection: 0,
    duplicates: 0,
    outOfOrder: 0,
    unexpected: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
}

export class Tally {
  readonly counters = noCounters();
  readonly closes: Record<string, number> = {};
  readonly errors: Record<string, number> = {};
  readonly #examples = new Map<string, string[]>();
  readonly #distributions = new Map<DistributionName, Distribution>();

  record(name: DistributionName, milliseconds: number): void {
    this.#distribution(name).record(milliseconds);
  }

  /** Counts how a connection ended that was not told to. */
  closed(code: number): void {
    increment(this.closes, String(code));
  }

  /** Counts something that went wrong, by what it is. */
  failed(kind: string): void {
    increment(this.errors, visible(kind).slice(0, KIND_LENGTH));
  }

  /** Keeps it if it is among the first of its kind. */
  example(kind: 'lost' | 'duplicate' | 'outOfOrder' | 'unexpected', text: () => string): void {
    const kept = this.#examples.get(kind) ?? [];
    if (kept.length >= EXAMPLES) return;
    kept.push(visible(text()));
    this.#examples.set(kind, kept);
  }

  get examples(): readonly string[] {
    return [...this.#examples.values()].flat();
  }

  /** What was measured since this was last asked for. */
  takeDistributions(): Distributions {
    const packed: { [Name in DistributionName]?: NonNullable<Distributions[Name]> } = {};
    for (const name of distributionNames) {
      const distribution = this.#distributions.get(name);
      const data = distribution?.pack();
      if (data !== undefined) packed[name] = data;
      distribution?.reset();
    }
    return packed;
  }

  #distribution(name: DistributionName): Distribution {
    const known = this.#distributions.get(name);
    if (known !== undefined) return known;
    const distribution = Distribution.empty();
    this.#distributions.set(name, distribution);
    return distribution;
  }
}

function increment(counts: Record<string, number>, key: string): void {
  const known = key in counts || Object.keys(counts).length < KINDS ? key : 'others';
  counts[known] = (counts[known] ?? 0) + 1;
}

/** What a server says, in one line, and without what could move the cursor of a terminal or recolour it. */
function visible(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
