import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Deadlines } from '@tidewire/node';
import type { OpeningChoice, OpeningRequest, OpeningResult } from '@tidewire/protocol';
import type { RefusedReason, Rejection } from './refusal.ts';

/** A client's request for a WebSocket and the way to answer it: all that depends on the version of HTTP. */
export interface Exchange {
  /** Node's own view of the request. */
  readonly incoming: IncomingMessage;
  /** What carries the frames if the request is accepted. */
  readonly stream: Duplex;
  /** What has come behind the request. */
  readonly head: Uint8Array;
  /** Checks the request against the rules of the opening handshake. */
  read(): OpeningResult;
  /**
   * Turns the stream into what carries frames, and returns what has to be written in front of the first: one character per
   * byte. To be called in the turn in which frames are.
   * @throws TypeError if the choice cannot be answered to this request; nothing has happened then
   */
  accept(opening: OpeningRequest, choice: OpeningChoice): string;
  /** Sends the refusal and frees what the request holds, at the latest after `timeout` milliseconds. */
  refuse(rejection: Rejection, deadlines: Deadlines, timeout: number, reason: RefusedReason): void;
}
