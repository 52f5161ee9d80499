import type { Duplex } from 'node:stream';
import { wallClock } from './clock.ts';
import type { Agreement } from './negotiation.ts';
import type { Recorder } from './recorder.ts';
import type { ConnectionEnd, Direction, MessageData, MessageRecord } from './recording/index.ts';
import type { Rules } from './rules.ts';
import { closePayload, readClose } from './way/framing.ts';
import type { ReadMessage } from './way/message-reader.ts';
import { Way, type WayHost } from './way/way.ts';

// A connection between a client and a server, with its two ways: what comes from one stream goes on to the other, with
// backpressure, and each side's end by itself.

/** How long a side that has nothing more to expect has for its end, in milliseconds. */
const END_TIMEOUT = 5000;

export interface TappedConnectionOptions {
  readonly recorder: Recorder;
  readonly rules: Rules;
  /** Its number in the recorder. */
  readonly id: number;
  readonly agreement: Agreement;
  readonly client: Duplex;
  readonly server: Duplex;
  /** Called when both streams are gone. */
  readonly gone?: (() => void) | undefined;
}

type Side = 'client' | 'server';

export class TappedConnection {
  readonly id: number;
  readonly #recorder: Recorder;
  readonly #rules: Rules;
  readonly #streams: Readonly<Record<Side, Duplex>>;
  readonly #ways: Readonly<Record<Direction, Way>>;
  readonly #gone: (() => void) | undefined;
  readonly #stopListening: () => void;
  /** The first Close frame. */
  #close: { readonly code: number; readonly reason: string; readonly by: ConnectionEnd['by'] } | undefined;
  readonly #closedBy = new Set<Side>();
  #leftFirst: Side | undefined;
  #wasCut = false;
  #isOver = false;
  #error: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Call `start` next. */
  constructor({ recorder, rules, id, agreement, client, server, gone }: TappedConnectionOptions) {
    this.id = id;
    this.#recorder = recorder;
    this.#rules = rules;
    this.#streams = { client, server };
    this.#gone = gone;
    const common = { most: recorder.keeps.bytesOfMessage, unreadable: agreement.unreadable };
    const { toServer, toClient } = agreement;
    this.#ways = {
      toServer: new Way({ ...common, direction: 'toServer', compression: toServer }, this.#host('toServer')),
      toClient: new Way({ ...common, direction: 'toClient', compression: toClient }, this.#host('toClient')),
    };
    this.#stopListening = rules.listen(() => {
      this.#ways.toServer.reconsider();
      this.#ways.toClient.reconsider();
    });
  }

  /** Begins to read. The parameters are what had been read of the streams before. */
  start(fromClient: Uint8Array, fromServer: Uint8Array): void {
    this.#ways.toServer.reconsider();
    this.#ways.toClient.reconsider();
    this.#listen('client', 'server', this.#ways.toServer);
    this.#listen('server', 'client', this.#ways.toClient);
    if (fromClient.length > 0) this.#ways.toServer.push(fromClient);
    if (fromServer.length > 0) this.#ways.toClient.push(fromServer);
  }

  // --- what people do: each says whether it could be done ------------------------------------------------------------

  release(seq: number, content?: MessageData): boolean {
    return this.#ways.toServer.release(seq, content) || this.#ways.toClient.release(seq, content);
  }

  drop(seq: number): boolean {
    return this.#ways.toServer.drop(seq) || this.#ways.toClient.drop(seq);
  }

  inject(direction: Direction, content: MessageData): boolean {
    return this.#ways[direction].inject(content);
  }

  /** Sends a Close frame both ways, and ends both sides when they have answered, or in some seconds. */
  close(code: number, reason: string): void {
    const payload = closePayload(code, reason);
    this.#close ??= { ...readClose(payload), by: 'inspector' };
    this.#ways.toServer.close(payload);
    this.#ways.toClient.close(payload);
    this.#setTimer();
  }

  /** Drops both sides without a Close frame. */
  cut(): void {
    this.#wasCut = true;
    this.#streams.client.destroy();
    this.#streams.server.destroy();
  }

  // -------------------------------------------------------------------------------------------------------------------

  #host(direction: Direction): WayHost {
    const [from, to] = direction === 'toServer' ? (['client', 'server'] as const) : (['server', 'client'] as const);
    const source = this.#streams[from];
    const target = this.#streams[to];
    const { id } = this;
    return {
      write: (bytes) => {
        if (target.writable && !target.write(bytes)) source.pause();
      },
      end: () => {
        if (!target.writableEnded) target.end();
        if (source.destroyed) this.#setTimer();
      },
      hold: (isHeld) => {
        if (isHeld) source.pause();
        else if (!target.writableNeedDrain) source.resume();
      },
      isRuled: () => this.#rules.concern(id, direction),
      decide: (message) => {
        return this.#rules.decide(recordOf(0, message, { connection: id, at: 0, direction, fate: 'forwarded' }));
      },
      record: (message, fate) => {
        const { nextSeq } = this.#recorder;
        return this.#recorder.add(recordOf(nextSeq, message, { connection: id, at: wallClock(), direction, fate }));
      },
      change: (seq, changes) => this.#recorder.change(seq, changes),
      closing: (message) => this.#closing(from, message),
      close: (code, reason) => this.close(code, reason),
    };
  }

  #listen(from: Side, to: Side, way: Way): void {
    const source = this.#streams[from];
    const target = this.#streams[to];
    source.on('data', (bytes: Uint8Array) => way.push(bytes));
    target.on('drain', () => {
      if (!way.isHeld) source.resume();
    });
    source.on('end', () => {
      this.#leftFirst ??= from;
      way.end();
    });
    source.on('error', (error: Error) => {
      this.#error ??= `${from}: ${error.message}`;
    });
    source.on('close', () => {
      this.#leftFirst ??= from;
      this.#closed(from, to);
    });
    if (source.destroyed) this.#closed(from, to);
    else if (source.readableEnded) way.end();
  }

  #closing(by: Side, { data }: ReadMessage): void {
    if (typeof data === 'string') return;
    this.#closedBy.add(by);
    this.#close ??= { ...readClose(data), by };
    // Who was sent a Close frame by a person has answered it. Only now can both streams end without losing anything.
    if (this.#close.by === 'inspector' && this.#closedBy.size === 2) this.#endBoth();
  }

  #endBoth(): void {
    this.#streams.server.end();
    this.#streams.client.end();
  }

  /** One side is gone in both directions. */
  #closed(side: Side, other: Side): void {
    const [out, back] =
      side === 'client' ? [this.#ways.toServer, this.#ways.toClient] : [this.#ways.toClient, this.#ways.toServer];
    back.abandon();
    const stream = this.#streams[other];
    if (stream.destroyed) {
      out.abandon();
      this.#finish();
      return;
    }
    // What it has said last still goes on. What is said to it has nowhere to go.
    out.end();
    stream.resume();
  }

  #setTimer(): void {
    this.#timer ??= setTimeout(() => {
      this.#streams.client.destroy();
      this.#streams.server.destroy();
    }, END_TIMEOUT);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#stopListening();
    const { code, reason } = this.#close ?? { code: 1006, reason: '' };
    this.#recorder.close(this.id, {
      at: wallClock(),
      code,
      reason,
      wasClean: this.#closedBy.size === 2,
      by: this.#close?.by ?? (this.#wasCut ? 'inspector' : (this.#leftFirst ?? 'client')),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    });
    this.#gone?.();
  }
}

/** Where and when a message was, and what became of it. */
type Circumstances = Pick<MessageRecord, 'connection' | 'at' | 'direction' | 'fate'>;

/** Each member by its name: to copy what an object has takes longer than all else that is done for a message. */
function recordOf(
  seq: number,
  message: ReadMessage,
  { connection, at, direction, fate }: Circumstances,
): MessageRecord {
  const { opcode, frames, compressed, masked, wireLength, length, data, isCut, problem } = message;
  const common = {
    seq,
    connection,
    at,
    direction,
    opcode,
    frames,
    compressed,
    masked,
    wireLength,
    length,
    data,
    isCut,
    fate,
  };
  return problem === undefined ? common : { ...common, problem };
}
