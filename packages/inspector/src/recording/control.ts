import type { Direction } from './model.ts';
import type { ConnectionJson, MessageJson } from './wire.ts';

// What an inspector and its page say to each other, each in a text message of JSON over a WebSocket. The page begins with `watch`,
// and is told from there on what is new, several times a second. Each order has an `order`, a number of the page's own that its
// answer repeats.

/** Which messages a rule or a filter is about; what is left out does not matter. */
export interface Match {
  readonly connection?: number | undefined;
  readonly direction?: Direction | undefined;
  /** 1 text, 2 binary, 8 Close, 9 Ping, 10 Pong. */
  readonly opcodes?: readonly number[] | undefined;
  /** Is in the payload as text, whatever the case. */
  readonly text?: string | undefined;
  /** A regular expression that is found in the payload as text. */
  readonly pattern?: string | undefined;
  /** Bytes of the payload, uncompressed: this many at least, and at most. */
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
}

/** What is done with messages that match; the first rule that does counts. Control frames are never held or delayed. */
export interface Rule {
  readonly id: number;
  readonly match: Match;
  readonly action:
    | { readonly type: 'hold' }
    | { readonly type: 'drop' }
    /** What comes behind it in the same direction waits, too: the order stays. In milliseconds. */
    | { readonly type: 'delay'; readonly by: number }
    | { readonly type: 'close'; readonly code: number; readonly reason: string };
  /** Of those that match, from 0 to 1. Default 1: all. */
  readonly share?: number | undefined;
  readonly isOn: boolean;
}

/** What a person puts in place of a message, or sends: text, or bytes in base64. */
export type Content = { readonly data: string } | { readonly bytes: string };

export type Order =
  /** Tells what there is from this `seq` on, and what comes. First of all, and again after `pause`. Default: all that is kept. */
  | { readonly type: 'watch'; readonly from?: number | undefined }
  /** Tells nothing more until `watch`. Recording goes on. */
  | { readonly type: 'pause' }
  /** Answers with the message whole, as far as it was kept. */
  | { readonly type: 'read'; readonly seq: number }
  /**
   * Answers with `found`: those of the messages from this `seq` on that were told in part and have this in their whole payload; and with
   * `next`, from where on there is more to look through. An answer is about a piece, so that nothing waits for it.
   */
  | ({ readonly type: 'search'; readonly from: number } & Pick<Match, 'text' | 'pattern'>)
  /** Forgets all that is recorded, and connections that have ended. */
  | { readonly type: 'clear' }
  /** Begins or ends recording: connections that are opened meanwhile are not seen. */
  | { readonly type: 'record'; readonly isOn: boolean }
  | { readonly type: 'rules'; readonly rules: readonly Rule[] }
  /** Lets a held message go, with other content if there is some. */
  | { readonly type: 'release'; readonly seq: number; readonly content?: Content | undefined }
  | { readonly type: 'drop'; readonly seq: number }
  | {
      readonly type: 'inject';
      readonly connection: number;
      readonly direction: Direction;
      readonly content: Content;
    }
  /** Sends a Close frame both ways. */
  | { readonly type: 'close'; readonly connection: number; readonly code: number; readonly reason: string }
  /** Cuts both sides off without a Close frame. */
  | { readonly type: 'cut'; readonly connection: number }
  /** Adds what a file has to what is shown, under new ids: the text of a HAR or JSON lines file. */
  | { readonly type: 'import'; readonly text: string }
  /** Answers with a file as text: all, or these connections. */
  | {
      readonly type: 'export';
      readonly format: 'har' | 'jsonl';
      readonly connections?: readonly number[] | undefined;
    };

export type PageMessage = Order & { readonly order: number };

/** What the inspector says. */
export type InspectorMessage =
  /** First of all. */
  | {
      readonly type: 'hello';
      /** What is inspected, for people: `ws://localhost:3000`, or the endpoints of a service. */
      readonly target: string;
      /** Where clients connect in place of the target; left out where they need not. */
      readonly listens?: string | undefined;
      /** What is kept at most, over all connections. */
      readonly keeps: { readonly bytes: number; readonly messages: number; readonly bytesOfMessage: number };
      /** Whether secrets are masked in what is shown and exported. */
      readonly masks: boolean;
    }
  /** Whenever something is new, at most twenty times a second. */
  | {
      readonly type: 'news';
      /** New ones, and those that have changed, whole. */
      readonly connections: readonly ConnectionJson[];
      /** New ones in order, `data` cut to its first 2 KiB; and held or delayed ones again, when it is clear what became of them. */
      readonly messages: readonly MessageJson[];
      /** Messages that are not kept any more, since the beginning. */
      readonly fellOut: number;
      /** Messages that this page was not told of, because they fell out before it took them, since `watch`. */
      readonly missed: number;
    }
  /** To every page, also one that pauses: somebody has asked for `clear`. Comes before the answer to that. */
  | {
      readonly type: 'cleared';
      /** Messages up to this `seq` are forgotten; 0 if there was none yet. */
      readonly through: number;
      /** The ids of connections that are kept, because they have not ended. All others are forgotten. */
      readonly connections: readonly number[];
    }
  | { readonly type: 'state'; readonly isRecording: boolean; readonly rules: readonly Rule[] }
  /** To an order that was done; `message`, `file`, or `found` and `next` where it asked for them. */
  | {
      readonly type: 'done';
      readonly order: number;
      readonly message?: MessageJson | undefined;
      readonly file?: string | undefined;
      readonly found?: readonly number[] | undefined;
      readonly next?: number | undefined;
    }
  /** To one that could not be done, in words. */
  | { readonly type: 'refused'; readonly order: number; readonly why: string };
