import { setMaxListeners } from 'node:events';
import type { WebSocketInit } from '@tidewire/client';
import type { ReadRecording } from '@tidewire/inspector/recording';
import type { ReplayFlags } from '../commands/replay.ts';
import { INTERRUPTED } from '../commands/signals.ts';
import { clientOptions } from '../connect/client-options.ts';
import { describeFailure } from '../connect/failures.ts';
import { withoutCredentials } from '../connect/format.ts';
import { assertUrl } from '../connect/websocket-url.ts';
import { UsageError } from '../problem.ts';
import { count, differences } from './comparison.ts';
import { type ConnectionPlan, countMasked, planOf } from './plan.ts';
import { showProgress } from './progress.ts';
import { readFile } from './read-file.ts';
import { ReplayLog } from './replay-log.ts';
import { type Outcome, ReplayedConnection } from './replayed-connection.ts';
import { Schedule } from './schedule.ts';

// Sends a recording again, as the flags of `replay` have it, and says what came of it.

/** Lines about what is different. */
const MOST_SAID = 20;

/** Failures that mean that nobody is there. */
const unreachable = new Set(['CONNECT', 'TLS', 'PROXY', 'HANDSHAKE_TIMEOUT']);

/**
 * @returns the exit code
 * @throws UsageError
 */
export async function replay(file: string, url: string, flags: ReplayFlags): Promise<number> {
  assertUrl(url);
  const options = clientOptions(flags);
  const recording = await readFile(file);
  const plans = planOf(recording, flags.connection ?? []);
  warn(recording, plans);
  const targets = plans.map((plan) => ({
    plan,
    url: flags.keepPath === true ? withPathOf(url, plan.record.url) : url,
    init: { ...options, protocols: flags.subprotocol ?? plan.subprotocols },
  }));
  const log = flags.record === undefined ? undefined : new ReplayLog(flags.record, flags.showSecrets === true);
  const run = new Run(flags, log);
  const outcomes = await run.all(targets);
  log?.close();
  if (run.wasInterrupted) return INTERRUPTED;
  try {
    return report(plans, outcomes, run, url, flags);
  } catch (error) {
    log?.discard();
    throw error;
  }
}

interface Target {
  readonly plan: ConnectionPlan;
  readonly url: string;
  readonly init: WebSocketInit;
}

/** All connections at once. */
class Run {
  readonly #flags: ReplayFlags;
  readonly #log: ReplayLog | undefined;
  readonly #stopped = new AbortController();
  readonly #connections = new Set<ReplayedConnection>();
  readonly schedule: Schedule;
  sent = 0;
  received = 0;

  constructor(flags: ReplayFlags, log: ReplayLog | undefined) {
    this.#flags = flags;
    this.#log = log;
    // Each connection waits for its time.
    setMaxListeners(0, this.#stopped.signal);
    this.schedule = new Schedule(flags.speed);
  }

  get wasInterrupted(): boolean {
    return this.#stopped.signal.aborted;
  }

  async all(targets: readonly Target[]): Promise<readonly (Outcome | undefined)[]> {
    const toSend = targets.reduce((sum, { plan }) => sum + plan.sends.length, 0);
    const hide = showProgress(process.stderr, () => ({
      elapsed: this.schedule.elapsed,
      open: [...this.#connections].filter(({ isOpen }) => isOpen).length,
      sent: this.sent,
      toSend,
      received: this.received,
    }));
    process.on('SIGINT', this.#interrupt);
    process.on('SIGTERM', this.#interrupt);
    this.schedule.start();
    try {
      return await Promise.all(targets.map((target) => this.#one(target)));
    } finally {
      hide();
    }
  }

  /** The first Ctrl-C closes all connections, the second does not wait for that. */
  readonly #interrupt = () => {
    if (this.wasInterrupted) process.exit(INTERRUPTED);
    this.#stopped.abort();
    for (const connection of this.#connections) connection.stop();
  };

  async #one({ plan, url, init }: Target): Promise<Outcome | undefined> {
    await this.schedule.until(plan.opensAt, this.#stopped.signal);
    if (this.wasInterrupted) return undefined;
    const { id } = plan;
    const protocols = [...(init.protocols ?? [])].join(', ');
    const asked = protocols === '' ? [] : [['Sec-WebSocket-Protocol', protocols] as const];
    this.#log?.begins(id, url, [...(this.#flags.header ?? []), ...asked]);
    const connection = new ReplayedConnection(plan, { url, init, wait: this.#flags.wait }, this.schedule, {
      opened: (status, headers, subprotocol) => this.#log?.answered(id, status, [...headers], subprotocol),
      sent: (data) => {
        this.sent += 1;
        this.#log?.message(id, 'toServer', data);
      },
      received: (data) => {
        this.received += 1;
        this.#log?.message(id, 'toClient', data);
      },
      ended: (end, by) => {
        const refused = end.failure?.response;
        if (refused !== undefined) this.#log?.answered(id, refused.status, [...refused.headers], '');
        this.#log?.ended(id, end, by);
      },
    });
    this.#connections.add(connection);
    return connection.run();
  }
}

/** Says on stderr what is worth knowing before it begins. */
function warn({ isCutOff, skipped, format }: ReadRecording, plans: readonly ConnectionPlan[]): void {
  if (isCutOff) note('The last line of the recording is not whole, and was left out');
  if (format === 'har' && skipped > 0)
    note(`${count(skipped, 'request')} of the HAR ${skipped === 1 ? 'is' : 'are'} no WebSocket, and left out`);
  const masked = countMasked(plans);
  if (masked > 0) note(`${count(masked)} of the recording had secrets, and will be sent with masks in their place`);
}

/**
 * Says what came of it.
 * @returns the exit code
 * @throws UsageError if nobody was there
 */
function report(
  plans: readonly ConnectionPlan[],
  outcomes: readonly (Outcome | undefined)[],
  { schedule, sent, received }: Run,
  url: string,
  flags: ReplayFlags,
): number {
  const first = outcomes.find((outcome) => outcome !== undefined);
  const code = first?.end.failure?.code ?? '';
  if (first !== undefined && outcomes.every((each) => each?.wasOpened !== true) && unreachable.has(code)) {
    throw new UsageError(`Could not connect to ${withoutCredentials(url)}: ${describeFailure(first.end.failure)}`);
  }
  const found = plans.flatMap((plan, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) return [];
    const options = { contents: flags.compare === true, ignored: flags.ignore ?? [] };
    const lines = differences(plan, outcome, describeFailure(outcome.end.failure), options);
    return lines.map((line) => `Connection ${plan.id}: ${line}`);
  });
  const expected = plans.reduce((sum, plan) => sum + plan.expected.length, 0);
  const seconds = (schedule.elapsed / 1000).toFixed(2);
  const lines = [
    `Sent ${count(sent)} over ${count(plans.length, 'connection')} in ${seconds} s; ${received} came back, ${expected} when it was recorded`,
  ];
  const { lateness } = schedule;
  if (lateness !== undefined) {
    lines.push(
      `Behind the schedule by ${lateness.median.toFixed(1)} ms at the median, ${lateness.most.toFixed(1)} ms at most`,
    );
  }
  lines.push(...found.slice(0, MOST_SAID));
  if (found.length > MOST_SAID) lines.push(`and ${count(found.length - MOST_SAID, 'more difference')}`);
  if (found.length === 0) lines.push('All was as recorded');
  process.stdout.write(`${lines.join('\n')}\n`);
  return found.length === 0 ? 0 : 1;
}

/** The path and query that were recorded, on the server that is asked for now. @throws UsageError */
function withPathOf(url: string, recorded: string): string {
  if (!URL.canParse(recorded)) throw new UsageError(`--keep-path: ${recorded} in the recording is not a URL`);
  const { pathname, search } = new URL(recorded);
  const target = new URL(url);
  target.pathname = pathname;
  target.search = search;
  return target.href;
}

function note(line: string): void {
  process.stderr.write(`tidewire: ${line}\n`);
}
