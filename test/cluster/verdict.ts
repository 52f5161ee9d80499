import { type Counts, check, checkStream } from './checker.ts';
import { type Cluster, GRACE } from './cluster.ts';
import { type Faults, pause } from './faults.ts';
import type { LogLine } from './hub-process.ts';
import type { Fault, Scale } from './schedule.ts';

// What came of a run: counts for people, and all that is wrong.

/** Milliseconds for everybody to get what was published last, and for presence to be right. */
const PATIENCE = 30_000;
/** Milliseconds for which the nodes may be busy with a broken engine after it works again. */
const AFTERMATH = 15_000;

export interface Verdict {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

export class Judge {
  readonly #cluster: Cluster;
  readonly #faults: Faults;
  readonly #scale: Scale;
  readonly #lines: string[] = [];
  readonly #problems: string[] = [];

  constructor(cluster: Cluster, faults: Faults, scale: Scale) {
    this.#cluster = cluster;
    this.#faults = faults;
    this.#scale = scale;
  }

  async judge(): Promise<Verdict> {
    this.#published();
    await this.#caughtUp();
    this.#delivered();
    await this.#presence();
    await this.#comings();
    this.#logs();
    const { subscribers, watchers, nodes } = this.#cluster;
    for (const { name, surprises } of subscribers) for (const each of surprises) this.#problems.push(`${name} ${each}`);
    for (const { surprises } of watchers) this.#problems.push(...surprises);
    for (const { name, failures } of nodes) for (const each of failures) this.#problems.push(`${name} ${each}`);
    this.#problems.push(...this.#faults.surprises);
    return { lines: this.#lines, problems: this.#problems };
  }

  #published(): void {
    const { publishers } = this.#cluster;
    const sum = (of: (publisher: (typeof publishers)[number]) => number) =>
      publishers.reduce((total, publisher) => total + of(publisher), 0);
    const reasons = new Map<string, number>();
    for (const publisher of publishers) {
      for (const [reason, count] of publisher.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    }
    const why = [...reasons].map(([reason, count]) => `${count} × ${reason}`).join(', ');
    this.#lines.push(
      `published: ${sum(({ acknowledged }) => acknowledged.length)} acknowledged in ${publishers.length} rooms, ` +
        `${sum(({ repeated }) => repeated)} requests repeated (${why}), ${sum(({ duplicates }) => duplicates)} of them ` +
        `known already; the slowest took ${Math.max(...publishers.map(({ slowest }) => slowest))} ms`,
    );
  }

  /** Until all have the last publication, or there is no hope. */
  async #caughtUp(): Promise<void> {
    const begin = Date.now();
    const ends = new Map(this.#cluster.publishers.map(({ room, acknowledged }) => [room, acknowledged]));
    const isBehind = () =>
      this.#cluster.subscribers.some((subscriber) =>
        [...subscriber.told].some(([room, told]) => {
          const last = told.at(-1);
          const end = ends.get(room)?.at(-1)?.offset ?? 0;
          return !subscriber.isIn || last === undefined || last.offset < end;
        }),
      );
    while (isBehind() && Date.now() < begin + PATIENCE) await pause(50);
    this.#lines.push(`everybody had everything ${Date.now() - begin} ms after the last fault and publication`);
  }

  #delivered(): void {
    const counts: Counts = { publications: 0, recovered: 0, toldNot: 0 };
    let expected = 0;
    for (const { room, acknowledged } of this.#cluster.publishers) {
      const truth = { room, acknowledged, size: this.#cluster.sizeOf(room, this.#scale) };
      this.#problems.push(...checkStream(truth));
      for (const { name, told } of this.#cluster.subscribers) {
        const heard = told.get(room);
        if (heard === undefined) continue;
        expected += acknowledged.length;
        this.#problems.push(...check(truth, heard, counts).map((problem) => `${name} in ${problem}`));
      }
    }
    const { publications, recovered, toldNot } = counts;
    const { subscribers } = this.#cluster;
    this.#lines.push(
      `delivered: ${publications} of ${expected}; the rest was missed by those who were told so: ${toldNot} were told ` +
        `recovered: false, ${recovered} recovered: true`,
      `connections: ${subscribers.reduce((sum, { sessions }) => sum + sessions.length, 0)} of ${subscribers.length} clients, ` +
        `${subscribers.reduce((sum, { refreshes }) => sum + refreshes, 0)} tokens made`,
    );
    this.#keptAway();
  }

  /** Who was away for too long must have been told so where little is kept, and nowhere else. */
  #keptAway(): void {
    for (const name of this.#faults.keptAway) {
      const subscriber = this.#cluster.subscribers.find((each) => each.name === name);
      for (const [room, told] of subscriber?.told ?? []) {
        const wasTold = told.some((each) => each.kind === 'subscribed' && each.wasRecovering && !each.recovered);
        const isShort = room === this.#cluster.shortRoom?.room;
        if (wasTold !== isShort)
          this.#problems.push(`${name} was ${wasTold ? '' : 'not '}told recovered: false in ${room}`);
      }
    }
  }

  async #presence(): Promise<void> {
    const begin = Date.now();
    let wrong: string[];
    do {
      wrong = [];
      for (const node of this.#cluster.nodes) {
        for (const room of this.#cluster.rooms) wrong.push(...(await this.#presenceIn(room, node)));
      }
      if (wrong.length > 0) await pause(250);
    } while (wrong.length > 0 && Date.now() < begin + PATIENCE);
    this.#problems.push(...wrong);
    const clients = this.#cluster.rooms.reduce((sum, room) => sum + this.#cluster.expectedIn(room).clients.size, 0);
    this.#lines.push(
      `presence: ${clients} members of ${this.#cluster.rooms.length} rooms, the same on ${this.#cluster.nodes.length} nodes ` +
        `as connected, after ${Date.now() - begin} ms`,
    );
  }

  async #presenceIn(room: string, node: Cluster['nodes'][number]): Promise<string[]> {
    const expected = this.#cluster.expectedIn(room);
    const wrong: string[] = [];
    try {
      const { members } = await this.#cluster.ask<{ members: { client: string }[] }>(node, 'presence', {
        channel: room,
      });
      const there = new Set(members.map(({ client }) => client));
      const ghosts = [...there].filter((client) => !expected.clients.has(client));
      const missing = [...expected.clients].filter((client) => !there.has(client));
      const counts = await this.#cluster.ask<{ clients: number; users: number }>(node, 'presence_stats', {
        channel: room,
      });
      if (ghosts.length > 0) wrong.push(`${node.name}: ${room} has ${ghosts.length} ghosts: ${some(ghosts)}`);
      if (missing.length > 0) wrong.push(`${node.name}: ${room} misses ${missing.length}: ${some(missing)}`);
      if (counts.clients !== expected.clients.size || counts.users !== expected.users) {
        wrong.push(
          `${node.name}: ${room} has ${counts.clients} clients of ${counts.users} users, and should have ` +
            `${expected.clients.size} of ${expected.users}`,
        );
      }
    } catch (error) {
      wrong.push(`${node.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    return wrong;
  }

  /** What watchers were told adds up to who is there, but for what happened while an engine was interrupted. */
  async #comings(): Promise<void> {
    let [joins, leaves, excused] = [0, 0, 0];
    for (const watcher of this.#cluster.watchers) {
      joins += watcher.joins;
      leaves += watcher.leaves;
      for (const [client, problem] of watcher.differences(await watcher.present())) {
        if (this.#isExcused(client)) excused++;
        else this.#problems.push(problem);
      }
    }
    this.#lines.push(
      `watchers: ${joins} joins and ${leaves} leaves add up, but for ${excused} connections that came or went while an ` +
        'engine was interrupted',
    );
  }

  /** Signals are not kept: what is told while a node's engine is interrupted may be lost, and the engine says so. */
  #isExcused(client: string): boolean {
    const session = this.#cluster.subscribers
      .flatMap(({ sessions }) => sessions)
      .find((each) => each.client === client);
    if (session === undefined) return false;
    const { from, to } = session;
    const after = 2 * this.#scale.lease + GRACE + 1000;
    const moments = [[from - 1000, from + 2000], ...(to === undefined ? [] : [[to - 1000, to + after]])];
    return this.#interruptions().some(([begin, end]) =>
      moments.some(([first = 0, last = 0]) => first <= end && last >= begin),
    );
  }

  #interruptions(): [number, number][] {
    return this.#cluster.nodes.flatMap(({ log }) => {
      const found: [number, number][] = [];
      for (const { text, time } of log) {
        if (text === 'the engine is interrupted') found.push([time, Number.POSITIVE_INFINITY]);
        const last = found.at(-1);
        if (text === 'the engine works again' && last !== undefined) last[1] = Math.min(last[1], time);
        if (text === 'listening' && last !== undefined) last[1] = Math.min(last[1], time);
      }
      return found;
    });
  }

  /** An engine is interrupted because its servers are; all else is a fault of the node. */
  #logs(): void {
    const explained = new Map<string, number>();
    for (const { name, log } of this.#cluster.nodes) {
      for (const entry of log.filter(({ level }) => level >= 40)) {
        const text = this.#explain(entry);
        if (text === undefined) this.#problems.push(`${name} has logged: ${entry.line}`);
        else explained.set(text, (explained.get(text) ?? 0) + 1);
      }
    }
    const list = [...explained].map(([text, count]) => `${count} × ${text}`).join(', ');
    this.#lines.push(`logs: warnings and errors, all explained by what was done: ${list || 'none'}`);
  }

  #explain({ time, text, line }: LogLine): string | undefined {
    const isDuring = (kind: Fault['kind'], aftermath: number) =>
      this.#faults.troubles.some(
        ({ fault, from, to }) => fault.kind === kind && time > from - 500 && time < to + aftermath,
      );
    const isOfEngine = text === 'the engine is interrupted' || text === 'the engine has left something out';
    const isNotUp = text.startsWith('tidewire: The engine does not start');
    if ((isOfEngine || isNotUp) && isDuring('break engine', AFTERMATH)) return text;
    // The balancer had not yet seen that the node is not ready.
    if (text === 'handshake refused' && line.includes('DRAINING') && isDuring('drain node', 0)) return text;
    return undefined;
  }
}

/** Not all of a long list. */
function some(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}
