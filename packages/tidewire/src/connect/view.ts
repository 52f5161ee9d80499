import type { Handshake } from '@tidewire/client';

/** Shows what happens on a connection. */
export interface View {
  opened(details: OpenDetails): void;
  sent(message: string | Uint8Array): void;
  received(message: string | Uint8Array): void;
  /** @param roundTrip in milliseconds; `undefined` if no ping with this payload waits for an answer */
  ponged(payload: string, roundTrip: number | undefined): void;
  pinged(payload: string): void;
  notice(text: string): void;
  /** Something did not work, and the connection goes on. */
  problem(text: string): void;
  closed(details: CloseDetails): void;
}

export interface OpenDetails {
  readonly url: string;
  readonly subprotocol: string;
  readonly extensions: string;
  /** To be shown, too, if there. */
  readonly handshake: Handshake | undefined;
}

export interface CloseDetails {
  readonly code: number;
  readonly reason: string;
  /** Why there was no closing handshake, if there was none. */
  readonly failure: string | undefined;
}
