// The form of a row. A case is written once, from the tester's point of view, and runs against a server (the tester plays
// the client and masks) and against a client (the tester plays the server and does not). The peer under test is an echo
// peer: it sends each message back with its type, answers pings, and obeys the closing handshake.

/** Which peer is under test. */
export type Role = 'server' | 'client';

export type MessageType = 'text' | 'binary';

/** One frame as the tester writes it, legal or not. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv: number;
  /** `wrong`: masked by a server, unmasked by a client. */
  readonly mask?: 'wrong';
  /** The length form to use, in bits, where it is not the shortest. */
  readonly lengthForm?: 16 | 64;
  /** The length that the header claims, where it is not the payload's. */
  readonly claimedLength?: bigint;
}

/** What the peer may send: a message in any number of frames, a control frame. */
export type Expected =
  | { readonly kind: MessageType; readonly payload: Uint8Array }
  | { readonly kind: 'ping' | 'pong'; readonly payload: Uint8Array }
  /** Without a reason any will do: who answers a Close echoes its code, and its reason or none (RFC 6455, 5.5.1). */
  | { readonly kind: 'close'; readonly code: number | undefined; readonly reason?: string };

/** Many messages that are sent and must come back the same, in order. */
export interface Bulk {
  readonly type: MessageType;
  readonly count: number;
  /** The n-th message. Called again for the comparison, so it must give the same bytes each time. */
  readonly message: (n: number) => Uint8Array;
  /** What the messages are, to compress them once for all the cases that send the same. */
  readonly name: string;
  /** Payload bytes of each frame; without it a message is one frame. */
  readonly fragment?: number;
  /** Bytes of each write, the event loop turning once after each. */
  readonly chop?: number;
  /** How many messages may be under way at once. Default 1. */
  readonly window?: number;
}

export type Step =
  /** Writes the frames: all at once, frame by frame, or in chops of so many bytes. */
  | { readonly do: 'send'; readonly frames: readonly Frame[]; readonly by?: 'frame' | number }
  /** Writes a frame's header and the first `bytes` of its payload; the remainder stays for later. */
  | { readonly do: 'begin'; readonly frame: Frame; readonly bytes: number }
  /** Writes the next `bytes` of that remainder. */
  | { readonly do: 'go on'; readonly bytes: number }
  /** The next thing that the peer sends. `strictly`: its absence is tolerated, but makes the outcome NON-STRICT. */
  | { readonly do: 'receive'; readonly what: Expected; readonly strictly?: boolean }
  | { readonly do: 'echo'; readonly bulk: Bulk }
  /**
   * The peer fails the connection with this close code and then ends its side of the stream, while the tester says
   * nothing. `rest`: what to send if it has not noticed yet, which is NON-STRICT. `tolerated`: other codes that are.
   */
  | {
      readonly do: 'fails';
      readonly code: number;
      readonly tolerated?: readonly (number | 'no Close frame')[];
      readonly rest?: readonly Frame[] | 'the remainder';
    }
  /** Both Close frames are exchanged: the stream ends, the server's side first, without a reset. */
  | { readonly do: 'ends' }
  /** Asks the peer under test, through its own API, to close. */
  | { readonly do: 'ask to close'; readonly code: number; readonly reason: string }
  /** The tester ends its side of the stream, or resets it. */
  | { readonly do: 'half-close' | 'reset' }
  /** The peer ends the stream by itself. */
  | { readonly do: 'is left' }
  /** What the peer's own API says about the end; any code if none is given. */
  | { readonly do: 'reports'; readonly code?: number };

/** A header set to a value, to several lines, or left out. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the tester says in the opening handshake beyond the usual, and what must come of it. */
export interface Opening {
  /** Server under test: the first line and the headers that differ in the tester's request. */
  readonly requestLine?: string;
  readonly request?: Headers;
  /** Client under test: the status line and the headers that differ in the tester's response. */
  readonly statusLine?: string;
  readonly response?: Headers;
  /** Client under test: an answer that depends on what the client has offered. */
  readonly answer?: (offer: string) => string;
  /** Whether the client under test offers permessage-deflate. */
  readonly deflate?: boolean;
  /** The first step's frames leave in the same write as the handshake. */
  readonly together?: boolean;
  /**
   * `open` (the default) and the script follows; otherwise the refusal wanted: the statuses of which the server may
   * give one, with these headers, and then it ends the stream. A client gives up: it never opens and ends the stream.
   */
  readonly outcome?:
    | 'open'
    | { readonly refused: readonly number[]; readonly headers?: Readonly<Record<string, string>> };
  /** Server under test: statuses with which it may refuse although it may open, too; the script is then left out. */
  readonly mayRefuse?: readonly number[];
  /** Server under test, headers of the 101 response. `undefined`: the header must be absent. */
  readonly wanted?: Readonly<Record<string, string | undefined>>;
  /** Server under test, its answer to an offer of permessage-deflate: `undefined` if it must decline. */
  readonly agreed?: ((parameters: ReadonlyMap<string, string | undefined>) => boolean) | 'declined' | 'any';
}

export interface Case {
  readonly id: string;
  readonly title: string;
  /** Default: both. */
  readonly roles?: readonly Role[];
  readonly opening?: Opening;
  readonly script: readonly Step[];
}

export type Verdict = 'OK' | 'NON-STRICT' | 'FAILED';

export interface Result {
  readonly verdict: Verdict;
  /** What kept it from OK, or an empty string. */
  readonly why: string;
  /** What the peer sent, in words. */
  readonly received: readonly string[];
}
