// Runs the script of a case on an open connection. Nothing waits for a fixed time: each step waits for what must come, up
// to a deadline that only a failing case reaches.
import { setImmediate as turn } from 'node:timers/promises';
import { bulkFrames, compressAll } from './bulk.ts';
import type { Direction } from './deflate.ts';
import { encodeFrame, maskingKeys } from './frames.ts';
import type { Peer } from './peer.ts';
import type { Bulk, Expected, Frame, Role, Step } from './table.ts';
import { type Arrival, describe, type Wire } from './wire.ts';
import { ping } from './words.ts';

/** How long a peer may take for one thing, in milliseconds; only a case that fails waits this long. */
export const usualPatience = 5_000;
/** How long a peer that noticed a bad byte may take to say so. */
const promptly = 500;

/** Why a case is FAILED. */
export class CaseFailed extends Error {}

export class Run {
  readonly #wire: Wire;
  readonly #underTest: Role;
  readonly #peer: Peer;
  readonly #sending: Direction | undefined;
  readonly #patience: number;
  readonly #nextKey = maskingKeys(1);
  #remainder: Uint8Array = new Uint8Array();
  /** Why the outcome is not OK although it is tolerable. */
  readonly lapses: string[] = [];

  /**
   * @param sending what was agreed about compression for what the tester sends, if anything
   * @param patience how long the peer may take for one thing, in milliseconds; four times as much for one of many messages
   */
  constructor(wire: Wire, underTest: Role, peer: Peer, sending: Direction | undefined, patience: number) {
    this.#wire = wire;
    this.#underTest = underTest;
    this.#peer = peer;
    this.#sending = sending;
    this.#patience = patience;
  }

  encode(frame: Frame): Buffer {
    return encodeFrame(frame, this.#underTest === 'server', this.#nextKey());
  }

  /** @throws CaseFailed */
  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.#send(step.frames, step.by);
      case 'begin': {
        const whole = this.encode(step.frame);
        const start = whole.length - step.frame.payload.length + step.bytes;
        this.#remainder = whole.subarray(start);
        return this.#wire.writeChopped(whole.subarray(0, start), start);
      }
      case 'go on': {
        const next = this.#remainder.subarray(0, step.bytes);
        this.#remainder = this.#remainder.subarray(step.bytes);
        return this.#wire.writeChopped(next, step.bytes);
      }
      case 'receive':
        return this.#receive(step.what, step.strictly === true);
      case 'echo':
        return this.#echo(step.bulk);
      case 'fails':
        return this.#fails(step);
      case 'ends':
        return this.#ends();
      case 'ask to close':
        return this.#peer.close(step.code, step.reason);
      case 'half-close':
        this.#wire.socket.end();
        return;
      case 'reset':
        this.#wire.socket.resetAndDestroy();
        return;
      case 'is left':
        return this.#expectEnd();
      case 'reports':
        return this.#reports(step.code);
    }
  }

  async #send(frames: readonly Frame[], by: 'frame' | number | undefined): Promise<void> {
    const encoded = frames.map((frame) => this.encode(frame));
    if (by === undefined) return this.#wire.write(Buffer.concat(encoded));
    if (by !== 'frame') return this.#wire.writeChopped(Buffer.concat(encoded), by);
    for (const frame of encoded) await this.#wire.writeChopped(frame, frame.length);
  }

  async #next(within = this.#patience): Promise<Arrival> {
    const arrival = await this.#wire.next(within);
    if (arrival === undefined) throw new CaseFailed('nothing came');
    return arrival;
  }

  async #receive(wanted: Expected, strictly: boolean): Promise<void> {
    const arrival = await this.#wire.next(this.#patience);
    if (arrival !== undefined && same(wanted, arrival)) return;
    const why = `wanted ${describe(wanted)}, got ${arrival === undefined ? 'nothing' : describe(arrival)}`;
    if (!strictly || arrival === undefined) throw new CaseFailed(why);
    this.lapses.push(why);
    this.#wire.putBack(arrival);
  }

  async #echo(bulk: Bulk): Promise<void> {
    const compressed = this.#sending === undefined ? undefined : compressAll(bulk, this.#sending);
    const window = bulk.window ?? 1;
    let sent = 0;
    for (let got = 0; got < bulk.count; got++) {
      const batch: Buffer[] = [];
      while (
        sent < bulk.count &&
        sent - got < window &&
        (sent === got || (sent - got) * 2 > window || batch.length > 0)
      ) {
        const payload = compressed?.[sent] ?? bulk.message(sent);
        for (const frame of bulkFrames(bulk, payload, compressed !== undefined)) batch.push(this.encode(frame));
        sent++;
      }
      if (batch.length > 0) {
        const whole = Buffer.concat(batch);
        if (bulk.chop === undefined) void this.#wire.write(whole);
        else await this.#wire.writeChopped(whole, bulk.chop);
      }
      const arrival = await this.#next(4 * this.#patience);
      const wanted = bulk.message(got);
      if (!same({ kind: bulk.type, payload: wanted }, arrival)) {
        throw new CaseFailed(`message ${got} of ${wanted.length} bytes came back as ${describe(arrival)}`);
      }
    }
  }

  async #fails(step: Extract<Step, { do: 'fails' }>): Promise<void> {
    let arrival = await this.#wire.next(step.rest === undefined ? this.#patience : promptly);
    if (arrival === undefined && step.rest !== undefined) {
      this.lapses.push('it failed the connection only when more had come');
      if (step.rest === 'the remainder') await this.#wire.write(this.#remainder);
      else await this.#send(step.rest, undefined);
      arrival = await this.#next();
    }
    if (arrival === undefined) throw new CaseFailed(`wanted Close ${step.code}, got nothing`);
    const tolerated = step.tolerated ?? [];
    if (arrival.kind === 'end' && tolerated.includes('no Close frame')) {
      this.lapses.push('it ended the stream without a Close frame');
      return this.#leave();
    }
    if (arrival.kind !== 'close') throw new CaseFailed(`wanted Close ${step.code}, got ${describe(arrival)}`);
    if (arrival.code !== step.code) {
      const why = `wanted Close ${step.code}, got ${describe(arrival)}`;
      if (arrival.code === undefined || !tolerated.includes(arrival.code)) throw new CaseFailed(why);
      this.lapses.push(why);
    }
    await this.#expectEnd();
    await this.#leave();
  }

  async #ends(): Promise<void> {
    if (this.#underTest === 'server') {
      // RFC 6455, 7.1.1: the server ends the stream first, while the client's side is still open.
      await this.#expectEnd();
      return this.#leave();
    }
    // The client waits for the server. If it was going to end first, it has done so by now.
    for (let n = 0; n < 3; n++) await turn();
    if (this.#wire.waiting.some((arrival) => arrival.kind === 'end')) {
      this.lapses.push('the client ended the stream before the server');
    }
    this.#wire.socket.end();
    await this.#expectEnd();
    return this.#leave();
  }

  async #expectEnd(): Promise<void> {
    const arrival = await this.#wire.next(this.#patience);
    if (arrival?.kind === 'end') return;
    throw new CaseFailed(`wanted the end of the stream, got ${arrival === undefined ? 'nothing' : describe(arrival)}`);
  }

  /**
   * Ends the tester's side, too, and sees that there was no reset: Node may report one as a mere end of the stream, but
   * then nothing can be written any more. A peer that only ended its own side discards the Ping (RFC 6455, 1.4).
   */
  async #leave(): Promise<void> {
    const { socket } = this.#wire;
    if (!socket.destroyed) {
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      if (socket.writable) await this.#wire.write(this.encode(ping('were you reset?')));
      socket.end();
      await gone;
    }
    const [late] = this.#wire.waiting;
    if (late !== undefined) throw new CaseFailed(`wanted nothing more, got ${describe(late)}`);
  }

  async #reports(code: number | undefined): Promise<void> {
    const report = await within(this.#peer.closed, this.#patience);
    if (report === undefined) throw new CaseFailed('the peer did not report the end');
    if (code !== undefined && report.code !== code)
      throw new CaseFailed(`wanted ${code} to be reported, got ${report.code} ${report.reason}`);
  }
}

function same(wanted: Expected, got: Arrival): boolean {
  if (wanted.kind === 'close') {
    const sameReason = wanted.reason === undefined || (got.kind === 'close' && got.reason === wanted.reason);
    return got.kind === 'close' && got.code === wanted.code && sameReason;
  }
  return got.kind === wanted.kind && Buffer.compare(wanted.payload, got.payload) === 0;
}

/** The promise's value, or `undefined` after so many milliseconds. */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
