import type { Pipe } from '@tidewire/protocol';
import { Exchange } from './exchange.ts';
import type { OpenedTunnel } from './opening.ts';
import type { TunnelClientPlatform, TunnelOwner } from './owner.ts';
import { BodyWriter, type Mode, type TunnelRecord, VERSION } from './records.ts';
import { readLastingRefusal } from './refusals.ts';
import { Retry } from './retry.ts';
import { type TunnelState, type Way, ways } from './states.ts';
import { StreamEnds } from './stream-ends.ts';
import { type Transport, WayChooser } from './way-chooser.ts';

// The client's side of a session as a machine: it says which requests to make, is told what becomes of them, and in between
// is a pipe. One request receives, by the way that the network lets through; others send.

/** A request to make: a POST of `body` to the session. */
export interface TunnelRequest {
  /** By which the session is told what becomes of it. */
  readonly id: number;
  readonly mode: Mode;
  readonly body: Uint8Array;
  /** Nobody waits for the answer any more: it is worth a try, as `keepalive` of fetch or as a beacon. */
  readonly isLast: boolean;
}

export interface TunnelClientOwner extends TunnelOwner {
  /** Make a request. Then call `received`, and in the end `completed`, `refused` or `failed`; never before this returns. */
  request(request: TunnelRequest): void;
  /** Nobody is interested in this request any more. */
  abort(id: number): void;
}

export interface TunnelClientOptions {
  readonly platform: TunnelClientPlatform;
  /** What the client takes beyond what its owner has read, in bytes. At least 16,384. Default 262,144. */
  readonly window?: number | undefined;
  /** The ways to receive that may be tried, in the order in which they stand here. Default: all. */
  readonly transports?: readonly Transport[] | undefined;
}

/** How many requests may send at a time. */
const MAX_SENDS = 2;
/** What a request has beside DATA, at most. */
const OVERHEAD = 64;
const SMALLEST_BODY = 4096;
const DEFAULT_WINDOW = 262_144;
/** How long an acknowledgement may wait for a request that carries it. */
const ACK_DELAY = 2000;
/** What follows a request that was to be held, and was answered with nothing, and sooner than this. */
const SOON = 1000;
const PAUSE = 200;
const NEVER = Number.POSITIVE_INFINITY;
const AT_ONCE = Number.NEGATIVE_INFINITY;

export class TunnelClientSession implements Pipe {
  readonly opened: OpenedTunnel;
  readonly #platform: TunnelClientPlatform;
  readonly #owner: TunnelClientOwner;
  readonly #window: number;
  readonly #ends: StreamEnds;
  readonly #ways: WayChooser;
  readonly #receiving: Retry;
  readonly #sending: Retry;
  readonly #sends = new Map<number, Exchange>();
  #receiver: Exchange | undefined;
  /** When the next receiving request is due, if nothing hurries it. */
  #receiveAt = AT_ONCE;
  #lastId = 0;
  #number = 0;
  #bodySize: number;
  /** What requests have acknowledged and stated; what of it the server is known to have heard. */
  #said = { received: 0, limit: 0 };
  #heard = { received: 0, limit: 0 };
  #ackAt = NEVER;
  #scheduled = NEVER;

  /**
   * Call `start` once the owner is ready for requests.
   * @throws RangeError if the window is not an integer of at least 16,384; TypeError if no transport is allowed
   */
  constructor(opened: OpenedTunnel, options: TunnelClientOptions, owner: TunnelClientOwner) {
    const { platform, window = DEFAULT_WINDOW, transports = ['stream', 'poll', 'interval'] } = options;
    if (!(Number.isSafeInteger(window) && window >= 16_384)) {
      throw new RangeError('window must be an integer of at least 16384');
    }
    this.opened = opened;
    this.#platform = platform;
    this.#owner = owner;
    this.#window = window;
    this.#bodySize = opened.parameters.maxBodySize;
    this.#ways = new WayChooser(transports, platform);
    this.#receiving = new Retry(platform, opened.parameters.graceTime);
    this.#sending = new Retry(platform, opened.parameters.graceTime);
    this.#ends = new StreamEnds(window, owner, {
      act: (action) => {
        if (action === 'sendReset') this.#sayLast({ type: 'RESET' });
        else if (action === 'sayFarewell' && this.#heard.received < this.#ends.incoming.received) this.#sayLast();
      },
    });
  }

  start(): void {
    this.#proceed();
  }

  get state(): TunnelState {
    return this.#ends.state;
  }

  /** How it receives, as far as it has found out. */
  get way(): Way {
    return this.#ways.way;
  }

  // --- from the network ----------------------------------------------------------------------------------------------

  /** A part of the body of an answer with status 200. It is not kept. */
  received(id: number, chunk: Uint8Array): void {
    const exchange = this.#find(id);
    if (exchange === undefined) return;
    exchange.heardAt = this.#platform.now();
    for (const record of exchange.reader.push(chunk)) {
      if (!this.#take(exchange, record) || this.state === 'GONE') break;
    }
    if (exchange.reader.isMalformed) this.#fail(exchange);
    this.#proceed();
  }

  /** The body of an answer with status 200 has come to its end. */
  completed(id: number): void {
    const exchange = this.#find(id);
    if (exchange === undefined) return;
    if (exchange.reader.isWhole) this.#succeed(exchange);
    else this.#fail(exchange);
    this.#proceed();
  }

  /** The answer has another status. `body`: as much of it as is a tunnel's error, as text. */
  refused(id: number, status: number, body: string): void {
    const exchange = this.#find(id);
    if (exchange === undefined) return;
    const code = readLastingRefusal(body);
    if (code === 'UNKNOWN_SESSION') this.#ends.on('reset');
    else if (code !== undefined) this.#ends.on('refused');
    // Somebody on the way does not let so much through.
    if (code === undefined && status === 413) this.#bodySize = Math.max(SMALLEST_BODY, this.#bodySize / 2);
    this.#fail(exchange);
    this.#proceed();
  }

  /** The request could not be made, or its answer broke off. */
  failed(id: number): void {
    const exchange = this.#find(id);
    if (exchange !== undefined) this.#fail(exchange);
    this.#proceed();
  }

  /** The network is another one, or is back: what was found out does not hold, and what failed may work. */
  networkChanged(): void {
    for (const exchange of [...this.#exchanges()]) this.#drop(exchange);
    this.#ends.outgoing.rewind();
    this.#ways.on('moved');
    this.#receiving.hurry();
    this.#sending.hurry();
    this.#receiveAt = AT_ONCE;
    this.#proceed();
  }

  /** The time that was scheduled has come. */
  tick(): void {
    const now = this.#platform.now();
    this.#scheduled = NEVER;
    for (const exchange of [...this.#exchanges()]) {
      if (now >= exchange.deadline(this.opened.parameters)) this.#fail(exchange);
    }
    if (now >= Math.min(this.#receiving.givesUpAt, this.#sending.givesUpAt)) this.#ends.on('lost');
    this.#proceed();
    this.#ends.report();
    this.#schedule();
  }

  // --- from the owner ------------------------------------------------------------------------------------------------

  /** Bytes that no request has carried yet. Of those that one has, no more than a window is kept. */
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
    this.#proceed();
  }

  /** Delivers nothing until `resume`: the server may send a window, and then no more. */
  pause(): void {
    this.#ends.incoming.pause();
  }

  resume(): void {
    this.#ends.incoming.resume();
    this.#proceed();
  }

  // --- answers -------------------------------------------------------------------------------------------------------

  /** Returns whether the next record may be taken. */
  #take(exchange: Exchange, record: TunnelRecord): boolean {
    if (!exchange.hasBegun) {
      if (record.type !== 'HELLO' || record.version !== VERSION) {
        this.#fail(exchange);
        return false;
      }
      exchange.hasBegun = true;
      this.#heard = {
        received: Math.max(this.#heard.received, exchange.received),
        limit: Math.max(this.#heard.limit, exchange.limit),
      };
      return true;
    }
    if (record.type === 'ALIVE' || record.type === 'DONE') return true;
    if (record.type === 'PROOF') {
      exchange.isProven = true;
      this.#ways.on('proven');
      this.#receiving.succeeded();
      return true;
    }
    exchange.hasBrought ||= record.type === 'DATA' || record.type === 'END';
    if (this.#ends.take(record) === undefined) return true;
    this.#ends.on('violation');
    return false;
  }

  #succeed(exchange: Exchange): void {
    const { outgoing } = this.#ends;
    const now = this.#platform.now();
    this.#forget(exchange);
    if (exchange.mode === 'SEND') this.#sending.succeeded();
    else this.#received(exchange, now);
    // What the server did not take, though no other request can have overtaken it, is sent again, after a while.
    if (exchange.mode === 'STREAM' || exchange.mode === 'WAIT' || this.#sends.size > 0 || outgoing.isSettled) return;
    outgoing.rewind();
    this.#sending.failed();
  }

  #received({ mode, startedAt, hasBrought }: Exchange, now: number): void {
    this.#ways.whole();
    this.#receiving.succeeded();
    if (mode === 'TAKE') this.#sending.succeeded();
    const pause = mode === 'TAKE' ? this.opened.parameters.pollInterval : now - startedAt < SOON ? PAUSE : 0;
    this.#receiveAt = hasBrought ? AT_ONCE : now + pause;
  }

  #fail(exchange: Exchange): void {
    if (this.#find(exchange.id) === undefined) return;
    const now = this.#platform.now();
    this.#drop(exchange);
    if (exchange.mode === 'SEND' || exchange.mode === 'TAKE') {
      this.#ends.outgoing.rewind();
      this.#sending.failed();
    }
    if (exchange.mode === 'SEND') return;
    // What was never proven is given up the first time that it stalls: it would be so each time.
    const hasStalled = exchange.mode === 'STREAM' && now >= exchange.deadline(this.opened.parameters);
    const isOtherWay =
      hasStalled && this.way === 'PROBING'
        ? this.#ways.on('unfit')
        : (hasStalled || exchange.isEvidence(now)) && this.#ways.strike();
    if (isOtherWay) this.#receiving.hurry();
    else this.#receiving.failed();
    this.#receiveAt = AT_ONCE;
  }

  /** Nobody waits for it, or will be told what becomes of it. */
  #drop(exchange: Exchange): void {
    this.#forget(exchange);
    this.#said = { ...this.#heard };
    this.#owner.abort(exchange.id);
  }

  #forget(exchange: Exchange): void {
    if (this.#receiver === exchange) this.#receiver = undefined;
    else this.#sends.delete(exchange.id);
  }

  #find(id: number): Exchange | undefined {
    return this.#receiver?.id === id ? this.#receiver : this.#sends.get(id);
  }

  *#exchanges(): Generator<Exchange> {
    if (this.#receiver !== undefined) yield this.#receiver;
    yield* this.#sends.values();
  }

  // --- requests ------------------------------------------------------------------------------------------------------

  /** Makes the requests that are due, tells what there is to tell, and sets the next deadline. */
  #proceed(): void {
    this.#ends.settle();
    if (this.state === 'GONE') {
      for (const exchange of [...this.#exchanges()]) this.#drop(exchange);
    } else {
      this.#noteArrivals();
      this.#receive();
      while (this.#platform.now() >= this.#sendsAt) {
        const exchange = this.#make('SEND');
        this.#sends.set(exchange.id, exchange);
      }
      this.#ends.settle();
    }
    this.#schedule();
  }

  #noteArrivals(): void {
    const isUpToDate = this.#said.received >= this.#ends.incoming.received;
    if (isUpToDate) this.#ackAt = NEVER;
    else if (this.#ackAt === NEVER) this.#ackAt = this.#platform.now() + ACK_DELAY;
  }

  /** Whether there is something to tell that should not wait for a request that is made anyway. */
  get #hasNews(): boolean {
    const { incoming, outgoing } = this.#ends;
    if (outgoing.isReady || incoming.limit - this.#said.limit >= this.#window / 2) return true;
    const unsaid = incoming.received - this.#said.received;
    // The server sends no more than a window of its own ahead of what it knows to have come.
    const isMuch = unsaid >= Math.min(this.#window, this.opened.parameters.window) / 4;
    return unsaid > 0 && (incoming.hasEnded || isMuch || this.#platform.now() >= this.#ackAt);
  }

  get #receivesAt(): number {
    if (this.#receiver !== undefined) return NEVER;
    const isHurried = ways[this.way].mode === 'TAKE' && this.#hasNews;
    return Math.max(this.#receiving.at, isHurried ? this.#sending.at : this.#receiveAt);
  }

  #receive(): void {
    if (this.#platform.now() < this.#receivesAt) return;
    this.#ways.review();
    this.#number++;
    this.#receiver = this.#make(ways[this.way].mode);
  }

  /** When the next request that sends is due. */
  get #sendsAt(): number {
    if (ways[this.way].mode === 'TAKE' || this.#sends.size >= MAX_SENDS || !this.#hasNews) return NEVER;
    // A mere acknowledgement goes with the next receiving request, if there has to be one.
    return this.#receiver === undefined && !this.#ends.outgoing.isReady ? NEVER : this.#sending.at;
  }

  #make(mode: Mode): Exchange {
    const { incoming, outgoing } = this.#ends;
    this.#said = { received: incoming.received, limit: incoming.limit };
    this.#ackAt = NEVER;
    this.#lastId++;
    const exchange = new Exchange(this.#lastId, mode, this.#platform.now(), this.#said);
    const body = this.#beginning(mode);
    // What is held for long is found to be lost late.
    if (mode === 'SEND' || mode === 'TAKE') outgoing.take(body, this.#bodySize - OVERHEAD);
    this.#owner.request({ id: exchange.id, mode, body: body.add({ type: 'DONE' }).bytes(), isLast: false });
    return exchange;
  }

  #sayLast(record?: TunnelRecord): void {
    const body = this.#beginning('SEND');
    if (record !== undefined) body.add(record);
    this.#lastId++;
    this.#owner.request({ id: this.#lastId, mode: 'SEND', body: body.add({ type: 'DONE' }).bytes(), isLast: true });
  }

  #beginning(mode: Mode): BodyWriter {
    const { key } = this.opened;
    const knownLimit = this.#ends.outgoing.limit;
    const head: TunnelRecord = { type: 'HEAD', version: VERSION, mode, number: this.#number, knownLimit, key };
    return new BodyWriter().add(head).add(this.#ends.acknowledgement);
  }

  // --- time ----------------------------------------------------------------------------------------------------------

  #schedule(): void {
    const at = this.#nextDeadline();
    if (at === this.#scheduled) return;
    this.#scheduled = at;
    this.#owner.schedule(at);
  }

  #nextDeadline(): number {
    if (this.#ends.isToReport) return AT_ONCE;
    if (this.state === 'GONE') return NEVER;
    let at = Math.min(this.#receivesAt, this.#sendsAt, this.#receiving.givesUpAt, this.#sending.givesUpAt);
    if (this.#ackAt > this.#platform.now()) at = Math.min(at, this.#ackAt);
    for (const exchange of this.#exchanges()) at = Math.min(at, exchange.deadline(this.opened.parameters));
    return at;
  }
}
