import { nodePlatform } from '@tidewire/node';
import type { Platform } from '@tidewire/protocol';
import {
  BodyWriter,
  type Mode,
  RecordReader,
  resolveTunnelParameters,
  type TunnelAnswer,
  type TunnelOutcome,
  type TunnelOwner,
  type TunnelParameters,
  type TunnelRecord,
  type TunnelRefusalCode,
  TunnelServerSession,
} from '@tidewire/tunnel';

/** A clock that moves only when a test says so. */
export class Clock {
  time = 1000;
  readonly platform: Platform = { ...nodePlatform, now: () => this.time };
}

/** Who owns a session in a test: keeps what it is told, in order. */
export class Owner implements TunnelOwner {
  readonly received: number[] = [];
  readonly events: string[] = [];
  outcome: TunnelOutcome | undefined;
  due = Number.POSITIVE_INFINITY;
  flushRequests = 0;
  onReceive: ((bytes: Uint8Array) => void) | undefined;
  onEnded: (() => void) | undefined;

  receive(bytes: Uint8Array): void {
    this.received.push(...bytes);
    this.onReceive?.(bytes);
  }

  ended(): void {
    this.events.push('ended');
    this.onEnded?.();
  }

  gone(outcome: TunnelOutcome): void {
    this.events.push('gone');
    this.outcome = outcome;
  }

  drained(): void {
    this.events.push('drained');
  }

  backedUp(): void {
    this.events.push('backedUp');
  }

  requestFlush(): void {
    this.flushRequests++;
  }

  schedule(at: number): void {
    this.due = at;
  }
}

/** What was answered to one request. */
export class Answer implements TunnelAnswer {
  readonly #reader = new RecordReader();
  records: TunnelRecord[] = [];
  isEnded = false;
  refusal: TunnelRefusalCode | undefined;

  write(bytes: Uint8Array): void {
    this.records.push(...this.#reader.push(bytes));
  }

  end(bytes: Uint8Array): void {
    this.write(bytes);
    this.isEnded = true;
  }

  refuse(code: TunnelRefusalCode): void {
    this.refusal = code;
  }

  get types(): string[] {
    return this.records.map(({ type }) => type);
  }

  /** The bytes of all DATA so far. */
  get data(): number[] {
    return this.records.flatMap((record) => (record.type === 'DATA' ? [...record.bytes] : []));
  }

  /** What was said since the last time, by type. */
  take(): string[] {
    return this.records.splice(0).map(({ type }) => type);
  }
}

export const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

export const done: TunnelRecord = { type: 'DONE' };
export const end = (offset: number): TunnelRecord => ({ type: 'END', offset });
export const ack = (received: number, limit = 1_000_000): TunnelRecord => ({ type: 'ACK', received, limit });
export const data = (offset: number, ...bytes: number[]): TunnelRecord => ({
  type: 'DATA',
  offset,
  bytes: Uint8Array.from(bytes),
});

export function body(...records: TunnelRecord[]): Uint8Array {
  const writer = new BodyWriter();
  for (const record of records) writer.add(record);
  return writer.bytes();
}

export function head(mode: Mode, number = 1, { key = KEY, version = 1, knownLimit = 1_000_000 } = {}): TunnelRecord {
  return { type: 'HEAD', version, mode, number, knownLimit, key };
}

/** A server's session with a clock of its own. */
export class Server {
  readonly clock = new Clock();
  readonly owner = new Owner();
  readonly session: TunnelServerSession;

  constructor(parameters: Partial<TunnelParameters> = {}) {
    const identity = { id: '00'.repeat(16), key: KEY };
    this.session = new TunnelServerSession(
      identity,
      resolveTunnelParameters(parameters),
      this.clock.platform,
      this.owner,
    );
  }

  request(...records: TunnelRecord[]): Answer {
    const answer = new Answer();
    this.session.request(body(...records), answer);
    return answer;
  }

  /** A whole request of a mode. */
  ask(mode: Mode, number: number, ...records: TunnelRecord[]): Answer {
    return this.request(head(mode, number), ...records, done);
  }

  /** Lets time pass, with a tick whenever one was asked for. */
  pass(time: number): void {
    const until = this.clock.time + time;
    while (this.owner.due <= until) {
      this.clock.time = Math.max(this.clock.time, this.owner.due);
      this.owner.due = Number.POSITIVE_INFINITY;
      this.session.tick();
    }
    this.clock.time = until;
  }
}
