import type { Pipe, Platform } from '@tidewire/protocol';
import { areSameKeys, type TunnelIdentity } from './opening.ts';
import type { TunnelOwner } from './owner.ts';
import type { TunnelParameters } from './parameters.ts';
import { BodyWriter, type Head, LONGEST_HEAD, RecordReader, VERSION } from './records.ts';
import type { TunnelRefusalCode } from './refusals.ts';
import type { TunnelState } from './states.ts';
import { StreamEnds } from './stream-ends.ts';

// The server's side of a session as a machine: requests go in, answers come out, and in between it is a pipe. One answer at
// a time may be held, the one by which the client receives.

/** What carries the answer to one request. Nothing of it may throw. */
export interface TunnelAnswer {
  /** A part of the body of an answer with status 200, to be sent at once. */
  write(bytes: Uint8Array): void;
  /** The last part, or all of it. */
  end(bytes: Uint8Array): void;
  /** The answer is an error: see `tunnelRefusals`. */
  refuse(code: TunnelRefusalCode): void;
}

/** How long after HELLO the proof comes that a stream is not buffered, in milliseconds. */
const PROOF_DELAY = 200;

interface Held {
  readonly answer: TunnelAnswer;
  readonly isStream: boolean;
  /** When it is ended. */
  readonly until: number;
  proofAt: number;
  aliveAt: number;
}

const NEVER = Number.POSITIVE_INFINITY;

export class TunnelServerSession implements Pipe {
  readonly identity: TunnelIdentity;
  readonly parameters: TunnelParameters;
  readonly #platform: Platform;
  readonly #owner: TunnelOwner;
  readonly #ends: StreamEnds;
  #held: Held | undefined;
  /** The highest receiving request. */
  #number = 0;
  /** The limit that the client knows of. */
  #knownLimit = 0;
  #heardAt: number;
  #scheduled = NEVER;

  /** The session expects the client's first request within the grace time: `owner.schedule` is called at once. */
  constructor(identity: TunnelIdentity, parameters: TunnelParameters, platform: Platform, owner: TunnelOwner) {
    this.identity = identity;
    this.parameters = parameters;
    this.#platform = platform;
    this.#owner = owner;
    this.#ends = new StreamEnds(parameters.window, owner, {
      act: (action) => {
        if (action !== 'sendEnd') this.#release(action === 'sendReset');
      },
    });
    this.#heardAt = platform.now();
    this.#schedule();
  }

  get state(): TunnelState {
    return this.#ends.state;
  }

  // --- from the network ----------------------------------------------------------------------------------------------

  /** A request has come whole, or as far as it will. `body` is not changed, and not kept. */
  request(body: Uint8Array, answer: TunnelAnswer): void {
    const refusal = this.#take(body, answer);
    if (refusal !== undefined) answer.refuse(refusal);
    this.#proceed();
  }

  /**
   * Whether a body that begins like this is one of a client that knows the key; `undefined` while that is too little to tell.
   * No more than `LONGEST_HEAD` bytes are looked at.
   */
  recognizes(beginning: Uint8Array): boolean | undefined {
    const reader = new RecordReader();
    const [head] = reader.push(beginning.subarray(0, LONGEST_HEAD));
    if (head !== undefined) return head.type === 'HEAD' && areSameKeys(this.identity.key, head.key);
    return reader.isMalformed || beginning.length >= LONGEST_HEAD ? false : undefined;
  }

  /** The connection of an answer is gone. */
  detached(answer: TunnelAnswer): void {
    if (this.#held?.answer !== answer) return;
    this.#letGo();
    this.#schedule();
  }

  /** The time that was scheduled has come. */
  tick(): void {
    const now = this.#platform.now();
    const held = this.#held;
    this.#scheduled = NEVER;
    if (held === undefined) {
      if (now >= this.#heardAt + this.parameters.graceTime) this.#ends.on('lost');
    } else if (now >= held.until) {
      this.#release(false);
    } else if (now >= held.proofAt) {
      held.proofAt = NEVER;
      this.#say(held, new BodyWriter().add({ type: 'PROOF' }));
    } else if (now >= held.aliveAt) {
      this.#say(held, new BodyWriter().add({ type: 'ALIVE' }));
    }
    this.#ends.report();
    this.#schedule();
  }

  // --- from the owner ------------------------------------------------------------------------------------------------

  /** Bytes that were not sent yet. Of those that were, no more than a window is kept. */
  get bufferedAmount(): number {
    return this.#ends.outgoing.unsent;
  }

  write(bytes: Uint8Array): void {
    this.writeAll([bytes]);
  }

  writeAll(pieces: Uint8Array[]): void {
    if (this.state === 'GONE') return;
    for (const bytes of pieces) this.#ends.outgoing.write(bytes);
    this.#proceed();
  }

  requestFlush(): void {
    this.#owner.requestFlush();
  }

  end(): void {
    this.#ends.outgoing.end();
    this.#ends.on('end');
    this.#proceed();
  }

  destroy(): void {
    this.#ends.on('destroy');
    this.#schedule();
  }

  /** Delivers nothing until `resume`: the client may send a window, and then no more. */
  pause(): void {
    this.#ends.incoming.pause();
  }

  resume(): void {
    this.#ends.incoming.resume();
    this.#proceed();
  }

  // --- requests ------------------------------------------------------------------------------------------------------

  #take(body: Uint8Array, answer: TunnelAnswer): TunnelRefusalCode | undefined {
    if (this.state === 'GONE') return 'UNKNOWN_SESSION';
    const reader = new RecordReader();
    const [head, ...records] = reader.push(body);
    if (head?.type !== 'HEAD') return head !== undefined || reader.isMalformed ? 'MALFORMED' : 'TRUNCATED';
    if (head.version !== VERSION) return 'VERSION';
    if (!areSameKeys(this.identity.key, head.key)) return 'UNKNOWN_SESSION';
    this.#heardAt = this.#platform.now();
    for (const record of records) {
      if (record.type === 'DONE') break;
      const refusal = this.#ends.take(record);
      if (refusal !== undefined) return refusal;
    }
    if (!reader.isWhole) return reader.isMalformed ? 'MALFORMED' : 'TRUNCATED';
    this.#ends.settle();
    this.#respond(head, answer);
    return undefined;
  }

  #respond({ mode, number, knownLimit }: Head, answer: TunnelAnswer): void {
    const { outgoing } = this.#ends;
    const body = this.#beginning();
    if (this.state === 'GONE') {
      if (!outgoing.isFinished) body.add({ type: 'RESET' });
    } else if (mode !== 'SEND' && number >= this.#number) {
      this.#release(false);
      outgoing.rewind();
      this.#number = number;
      this.#knownLimit = knownLimit;
      if (mode !== 'TAKE') {
        this.#hold(answer, mode === 'STREAM', body);
        return;
      }
      outgoing.take(body, this.parameters.maxBodySize);
    }
    answer.end(body.add({ type: 'DONE' }).bytes());
  }

  #hold(answer: TunnelAnswer, isStream: boolean, beginning: BodyWriter): void {
    const { pollTime, streamTime } = this.parameters;
    const now = this.#platform.now();
    const held = { answer, isStream, until: now + (isStream ? streamTime : pollTime), proofAt: NEVER, aliveAt: NEVER };
    this.#held = held;
    if (!isStream) return;
    held.proofAt = now + PROOF_DELAY;
    this.#knownLimit = this.#ends.incoming.limit;
    this.#say(held, beginning);
  }

  #beginning(): BodyWriter {
    return new BodyWriter().add({ type: 'HELLO', version: VERSION }).add(this.#ends.acknowledgement);
  }

  // --- the answer that is held ---------------------------------------------------------------------------------------

  /** Sends what there is to send, tells what there is to tell, and sets the next deadline. */
  #proceed(): void {
    this.#push();
    this.#ends.settle();
    this.#schedule();
  }

  #push(): void {
    const { outgoing, incoming } = this.#ends;
    const held = this.#held;
    if (held === undefined) return;
    const hasRisen = incoming.limit - this.#knownLimit >= this.parameters.window / 2;
    if (!hasRisen && !outgoing.isReady) return;
    this.#knownLimit = incoming.limit;
    if (!held.isStream) {
      this.#release(false);
      return;
    }
    const body = new BodyWriter();
    if (hasRisen) body.add(this.#ends.acknowledgement);
    outgoing.take(body, NEVER);
    this.#say(held, body);
  }

  #say(held: Held, body: BodyWriter): void {
    held.aliveAt = this.#platform.now() + this.parameters.heartbeatInterval;
    held.answer.write(body.bytes());
  }

  /** Ends the answer that is held, with what there is to send, or with the news that it is all over. */
  #release(isReset: boolean): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#letGo();
    const body = held.isStream ? new BodyWriter().add(this.#ends.acknowledgement) : this.#beginning();
    if (isReset) body.add({ type: 'RESET' });
    else if (!held.isStream) this.#ends.outgoing.take(body, this.parameters.maxBodySize);
    held.answer.end(body.add({ type: 'DONE' }).bytes());
  }

  #letGo(): void {
    this.#held = undefined;
    this.#heardAt = this.#platform.now();
  }

  // --- time ----------------------------------------------------------------------------------------------------------

  #schedule(): void {
    const at = this.#nextDeadline();
    if (at === this.#scheduled) return;
    this.#scheduled = at;
    this.#owner.schedule(at);
  }

  #nextDeadline(): number {
    const held = this.#held;
    if (this.#ends.isToReport) return Number.NEGATIVE_INFINITY;
    if (this.state === 'GONE') return NEVER;
    if (held === undefined) return this.#heardAt + this.parameters.graceTime;
    return Math.min(held.until, held.proofAt, held.aliveAt);
  }
}
