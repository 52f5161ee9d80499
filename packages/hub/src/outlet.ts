import type { PreparedBatch } from '@tidewire/protocol';
import type { SubscribeResult } from './client.ts';
import type { Disconnect, Unsubscribe } from './codes.ts';
import type { ClientInfo, Json, Publication } from './publication.ts';

// What stands between the hub and a dialect: the hub decides what a client gets, a dialect how that is written, and an outlet
// brings it there.

/** What a hub tells a client without being asked. */
export type Push =
  | {
      readonly type: 'publication';
      /** What the client is subscribed to: a channel, or a prefix with its star. */
      readonly channel: string;
      readonly publication: Publication;
      /** `undefined` if the channel has no history. */
      readonly offset: number | undefined;
      /** Where it was published, if the subscription is to a prefix. */
      readonly publishedTo: string | undefined;
    }
  | { readonly type: 'join' | 'leave'; readonly channel: string; readonly info: ClientInfo }
  /** The hub has subscribed the client. */
  | { readonly type: 'subscribe'; readonly channel: string; readonly result: SubscribeResult }
  | { readonly type: 'unsubscribe'; readonly channel: string; readonly unsubscribe: Unsubscribe }
  /** To a user, outside of any channel. */
  | { readonly type: 'message'; readonly data: Json }
  /** Until when the connection is good, if the hub has learned of another time: seconds from now. */
  | { readonly type: 'refresh'; readonly ttl: number | undefined };

/** Writes pushes in a dialect. There is one for each dialect in a process: what goes to many clients is written once. */
export interface Encoder {
  readonly name: string;
  /** The messages that say `pushes`, in their order. A dialect that can puts them all into one. */
  encode(pushes: readonly Push[]): readonly string[];
}

export type OutletResult = 'written' | 'buffered' | 'closed';

/** The way to one client. Nothing here throws. */
export interface Outlet {
  readonly encoder: Encoder;
  /** For people and metrics: `websocket`, `http_stream`, `sse`. */
  readonly transport: string;
  /** Bytes that have not left the process yet. */
  readonly bufferedAmount: number;
  /**
   * Sends what the encoder has written. After `'buffered'`, the client's `drained` is called once everything has left.
   * @param isAlone whether nothing else is to come in this turn, so that it can be written at once
   */
  write(batch: PreparedBatch, isAlone: boolean): OutletResult;
  /** Ends the connection, after what was sent, in the words of the dialect. The client's `closed` is called later. */
  close(disconnect: Disconnect): void;
}
