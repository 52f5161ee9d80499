import type { Ask, Trouble } from '../operate/ask.ts';
import { Store } from '../operate/store.ts';
import type { Figures, NodeStats, StatsAnswer } from '../operate-messages.ts';
import { type Reading, readingOf } from './readings.ts';

// What the overview knows: the last minutes of each node and of all together. A node that was there and is no more is kept, so
// that whoever looks sees that it has gone. Bounded: so many moments, so many nodes.

/** Moments that are kept: five minutes, at one a second. */
export const MOMENTS = 300;

/** Latencies are those of so many moments. */
const RECENT = 15;

/** Nodes that have gone and are remembered. */
const MOST_GONE = 20;

export interface Moment {
  /** Seconds since 1970, by the clock of the browser. */
  readonly at: number;
  /** `undefined` while nothing is known. */
  readonly reading: Reading | undefined;
}

export interface WatchedNode {
  readonly id: string;
  readonly name: string;
  /** `silent`: it should have answered. `gone`: it is no node any more. */
  readonly presence: 'there' | 'silent' | 'gone';
  /** When it answered last, in milliseconds since 1970. */
  readonly seenAt: number | undefined;
  /** What it said then. */
  readonly stats: NodeStats | undefined;
  readonly reading: Reading | undefined;
}

class Subject {
  readonly id: string;
  name: string;
  presence: WatchedNode['presence'] = 'there';
  seenAt: number | undefined;
  stats: NodeStats | undefined;
  reading: Reading | undefined;
  readonly moments: Moment[] = [];
  /** What it has measured, the oldest first. */
  readonly figures: Figures[] = [];

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }

  note(at: number, reading: Reading | undefined): void {
    this.reading = reading;
    this.moments.push({ at, reading });
    if (this.moments.length > MOMENTS) this.moments.shift();
  }

  keep(figures: Figures | undefined): void {
    // Whoever asks a node soon after somebody else is told the same.
    if (figures === undefined || figures.time === this.figures.at(-1)?.time) return;
    this.figures.push(figures);
    if (this.figures.length > RECENT) this.figures.shift();
  }
}

export class Watch extends Store {
  trouble: Trouble | undefined;
  /** When there was an answer last, in milliseconds since 1970. */
  answeredAt: number | undefined;
  /** How long it took, in milliseconds. */
  took = 0;
  readonly #ask: Ask;
  readonly #all = new Subject('', 'all nodes');
  readonly #nodes = new Map<string, Subject>();

  constructor(ask: Ask) {
    super();
    this.#ask = ask;
  }

  /** By name; those that have gone are at the end. */
  get nodes(): readonly WatchedNode[] {
    const isGone = ({ presence }: Subject) => Number(presence === 'gone');
    return [...this.#nodes.values()].sort(
      (one, other) => isGone(one) - isGone(other) || one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1),
    );
  }

  get versions(): readonly string[] {
    const there = this.nodes.filter(({ presence }) => presence === 'there');
    return [...new Set(there.flatMap(({ stats }) => stats?.version ?? []))].sort();
  }

  /** @param node `''` for all together */
  moments(node: string): readonly Moment[] {
    return this.#subject(node)?.moments ?? [];
  }

  reading(node: string): Reading | undefined {
    return this.#subject(node)?.reading;
  }

  /** Asks once. @returns whether it was answered */
  async ask(): Promise<boolean> {
    const begun = performance.now();
    const outcome = await this.#ask('stats', {});
    this.took = performance.now() - begun;
    if (outcome.ok) this.#take(outcome.value, Date.now());
    else this.#miss(outcome.trouble, Date.now());
    this.changed();
    return outcome.ok;
  }

  #take({ nodes, silent }: StatsAnswer, now: number): void {
    this.trouble = undefined;
    this.answeredAt = now;
    const at = now / 1000;
    for (const stats of nodes) {
      const subject = this.#known(stats.id, stats.name);
      Object.assign(subject, { presence: 'there', seenAt: now, stats, name: stats.name });
      subject.keep(stats.figures);
      subject.note(at, readingOf([knownOf(subject, stats)]));
    }
    const answered = new Set(nodes.map(({ id }) => id));
    const silentIds = new Set(silent.map(({ id }) => id));
    for (const { id, name } of silent) this.#known(id, name);
    for (const subject of this.#nodes.values()) {
      if (answered.has(subject.id)) continue;
      subject.presence = silentIds.has(subject.id) ? 'silent' : 'gone';
      subject.note(at, undefined);
    }
    const there = nodes.flatMap((stats) => {
      const subject = this.#nodes.get(stats.id);
      return subject === undefined ? [] : [knownOf(subject, stats)];
    });
    this.#all.note(at, there.length === 0 ? undefined : readingOf(there));
    this.#forget();
  }

  #miss(trouble: Trouble, now: number): void {
    this.trouble = trouble;
    for (const subject of [this.#all, ...this.#nodes.values()]) subject.note(now / 1000, undefined);
  }

  #subject(node: string): Subject | undefined {
    return node === '' ? this.#all : this.#nodes.get(node);
  }

  #known(id: string, name: string): Subject {
    const subject = this.#nodes.get(id) ?? new Subject(id, name);
    this.#nodes.set(id, subject);
    return subject;
  }

  /** Those that have gone first are forgotten first. */
  #forget(): void {
    const gone = [...this.#nodes.values()]
      .filter(({ presence }) => presence === 'gone')
      .sort((one, other) => (other.seenAt ?? 0) - (one.seenAt ?? 0));
    for (const { id } of gone.slice(MOST_GONE)) this.#nodes.delete(id);
  }
}

function knownOf({ figures }: Subject, stats: NodeStats) {
  return { stats: { ...stats, figures: figures.at(-1) }, last: figures.at(-2), longAgo: figures[0] };
}
