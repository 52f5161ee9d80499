import type { Duplex } from 'node:stream';
import { StreamPipe, type StreamPipeOwner } from '@tidewire/node';
import type { Connection, Pipe } from '@tidewire/protocol';
import type { Transport } from './transports.ts';

/** What the owner of a carrier learns, beside what the connection tells. */
export type CarrierOwner = Pick<StreamPipeOwner, 'drained' | 'failed'>;

/** What carries the frames of a connection that is open, whatever it is. */
export interface Carrier extends Pipe {
  readonly transport: Transport;
  /** Whether something that was written waits, or was lost with the carrier. */
  readonly isBackedUp: boolean;
  /** Whether any of what waits has left since this was last called. */
  hasProgressed(): boolean;
  /** From here on what comes goes to `connection`, which must be open. */
  begin(connection: Connection): void;
  /** Stops reading, so that the server has to wait. */
  pause(): void;
  resume(): void;
}

/** A connection of its own, or a stream of an HTTP/2 connection. */
export class SocketCarrier extends StreamPipe implements Carrier {
  readonly transport = 'websocket';
  readonly #rest: Uint8Array;

  /** @param rest what the server sent right behind its answer */
  constructor(stream: Duplex, rest: Uint8Array, owner: CarrierOwner) {
    super(stream, owner);
    this.#rest = rest;
  }

  begin(connection: Connection): void {
    this.start(connection, this.#rest);
  }
}
