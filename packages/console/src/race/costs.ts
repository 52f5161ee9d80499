import type { LaneTally, RaceLane } from '../race-messages.ts';

export type Tallies = Readonly<Partial<Record<RaceLane, LaneTally>>>;

interface Snapshot {
  /** In seconds. */
  readonly at: number;
  readonly lanes: Tallies;
}

/** What one message costs on a lane. */
export interface Cost {
  /** On the wire in both directions. */
  readonly bytes: number;
  /** In microseconds. */
  readonly cpu: number;
}

/** The costs per message are those of the last seconds, so that they follow the sliders. */
const WINDOW = 10;

/** More than a run has, at two a second. */
const KEPT = 700;

/** What the server says of each lane, over time. */
export class Costs {
  readonly #lanes: readonly RaceLane[];
  #snapshots: Snapshot[] = [];

  constructor(lanes: readonly RaceLane[]) {
    this.#lanes = lanes;
  }

  /** @param at in seconds */
  add(at: number, lanes: Tallies): void {
    this.#snapshots.push({ at, lanes });
    if (this.#snapshots.length > KEPT) this.#snapshots.shift();
  }

  latest(lane: RaceLane): LaneTally | undefined {
    return this.#snapshots.at(-1)?.lanes[lane];
  }

  /** Of the last ten seconds; if no message was sent in them, of all before. `undefined` before the first message. */
  perMessage(lane: RaceLane): Cost | undefined {
    const last = this.#snapshots.at(-1);
    const now = last?.lanes[lane];
    if (last === undefined || now === undefined || now.messages === 0) return undefined;
    const before = this.#snapshots.findLast(({ at }) => at <= last.at - WINDOW)?.lanes[lane];
    const isUsable = before !== undefined && before.messages < now.messages;
    const from = isUsable ? before : { received: 0, sent: 0, cpu: 0, messages: 0 };
    const messages = now.messages - from.messages;
    const bytes = now.received + now.sent - from.received - from.sent;
    return { bytes: bytes / messages, cpu: (now.cpu - from.cpu) / messages };
  }

  /** The times in seconds, and for each lane the bytes on the wire until then: what a plot draws. */
  get columns(): [number[], ...(number | null)[][]] {
    const bytes = (lane: LaneTally | undefined) => (lane === undefined ? null : lane.received + lane.sent);
    return [
      this.#snapshots.map(({ at }) => at),
      ...this.#lanes.map((name) => this.#snapshots.map(({ lanes }) => bytes(lanes[name]))),
    ];
  }
}
