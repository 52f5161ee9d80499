import { CloseCode } from './close-codes.ts';

// What a peer can do wrong once a connection is open. Each rule has one stable code and one close code. Nothing here is
// ever thrown: the engine fails the connection (RFC 6455, 7.1.7) and hands the violation to the `close` callback.

interface Rule {
  readonly closeCode: number;
  readonly message: string;
}

const protocolError = CloseCode.PROTOCOL_ERROR;

/** Every rule that a peer can break, by its stable code, with the close code that answers it. */
export const violations = {
  RESERVED_BITS: {
    closeCode: protocolError,
    message: 'A reserved bit is set and no negotiated extension gives it a meaning (RFC 6455, 5.2)',
  },
  RESERVED_OPCODE: { closeCode: protocolError, message: 'The opcode is reserved (RFC 6455, 5.2)' },
  NOT_MASKED: { closeCode: protocolError, message: 'A client must mask every frame (RFC 6455, 5.1)' },
  MASKED: { closeCode: protocolError, message: 'A server must not mask any frame (RFC 6455, 5.1)' },
  LENGTH_NOT_MINIMAL: {
    closeCode: protocolError,
    message: 'The payload length is not in its shortest form (RFC 6455, 5.2)',
  },
  LENGTH_OUT_OF_RANGE: {
    closeCode: protocolError,
    message: 'The most significant bit of a 64-bit payload length must be 0 (RFC 6455, 5.2)',
  },
  CONTROL_FRAGMENTED: { closeCode: protocolError, message: 'A control frame must not be fragmented (RFC 6455, 5.5)' },
  CONTROL_TOO_LONG: {
    closeCode: protocolError,
    message: 'A control frame must have a payload of 125 bytes or less (RFC 6455, 5.5)',
  },
  UNEXPECTED_CONTINUATION: {
    closeCode: protocolError,
    message: 'A continuation frame came with no message to continue (RFC 6455, 5.4)',
  },
  EXPECTED_CONTINUATION: {
    closeCode: protocolError,
    message: 'A new message began before the last one was complete (RFC 6455, 5.4)',
  },
  CLOSE_PAYLOAD: {
    closeCode: protocolError,
    message: 'The payload of a Close frame must be empty or begin with a 2-byte code (RFC 6455, 5.5.1)',
  },
  CLOSE_CODE: {
    closeCode: protocolError,
    message: 'The code of a Close frame must not be reserved or undefined (RFC 6455, 7.4)',
  },
  INVALID_UTF8: { closeCode: CloseCode.INVALID_PAYLOAD, message: 'Text must be valid UTF-8 (RFC 6455, 8.1)' },
  INVALID_DEFLATE: {
    closeCode: CloseCode.INVALID_PAYLOAD,
    message: 'A compressed message is not valid DEFLATE data (RFC 7692, 7.2.2)',
  },
  MESSAGE_TOO_BIG: { closeCode: CloseCode.MESSAGE_TOO_BIG, message: 'The message is larger than maxMessageSize' },
  FRAME_TOO_BIG: { closeCode: CloseCode.MESSAGE_TOO_BIG, message: 'The frame is larger than maxFrameSize' },
  TOO_MANY_FRAGMENTS: {
    closeCode: CloseCode.POLICY_VIOLATION,
    message: 'The message has more fragments than maxFragments',
  },
  TOO_MANY_CONTROL_FRAMES: {
    closeCode: CloseCode.POLICY_VIOLATION,
    message: 'More control frames came within a second than maxControlFramesPerSecond',
  },
  OUTPUT_LIMIT: {
    closeCode: CloseCode.POLICY_VIOLATION,
    message: 'The peer does not read: more than maxBufferedAmount bytes wait to be sent',
  },
} as const satisfies Record<string, Rule>;

export type ViolationCode = keyof typeof violations;

/** Why an open connection was failed from this side. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Stable, one per rule: see `violations`. */
  readonly code: ViolationCode;
  /** What the Close frame told the peer. */
  readonly closeCode: number;

  constructor(code: ViolationCode) {
    super(violations[code].message);
    this.code = code;
    this.closeCode = violations[code].closeCode;
  }
}
