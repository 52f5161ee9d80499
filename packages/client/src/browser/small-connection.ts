import {
  FIN,
  FrameHeader,
  frameHeaderSize,
  isCloseCodeAllowedOnWire,
  Opcode,
  type Pipe,
  readFrameHeader,
  type SendResult,
  type State,
  type StateEvent,
  transitions,
  writeFrameHeader,
} from '@tidewire/protocol';
import { ByteQueue } from './byte-queue.ts';

// The client's side of a connection, for pages that have to load it: the rules, states and frame headers are those of the
// protocol package, but what that does for speed on a server is left out. No extensions, and text is checked when it is
// whole.

export interface SmallConnectionHandler {
  /** Bytes belong to the handler. */
  message(data: string | Uint8Array<ArrayBuffer>): void;
  /** The closing handshake has begun, or the connection has failed. */
  closing(): void;
  /** It is over. Called once, last. */
  close(code: number, reason: string, wasClean: boolean): void;
}

/** The largest message that is taken, in bytes. */
const MAX_MESSAGE = 100 * 1024 * 1024;
/** Pings are not answered while more than this waits, in bytes: 5.5.3 wants the most recent one to be. */
const MAX_WAITING_FOR_PONG = 65_536;

// 7.4.1. A page that loads the object that has them all loads the rest as well.
const PROTOCOL_ERROR = 1002;
const NO_STATUS_RECEIVED = 1005;
const ABNORMAL_CLOSURE = 1006;
const INVALID_PAYLOAD = 1007;
const MESSAGE_TOO_BIG = 1009;

const encoder = new TextEncoder();

export class SmallConnection {
  readonly #pipe: Pipe;
  readonly #handler: SmallConnectionHandler;
  readonly #input = new ByteQueue();
  readonly #fragments = new ByteQueue();
  readonly #header = new FrameHeader();
  #state: State = 'OPEN';
  /** Of the message of which fragments have come; CONTINUATION if there is none. */
  #opcode: number = Opcode.CONTINUATION;
  #output: Uint8Array[] = [];
  #outputSize = 0;
  /** What our Close frame says. */
  #farewell = new Uint8Array();
  /** What the peer's Close frame said. */
  #code: number = ABNORMAL_CLOSURE;
  #reason = '';
  /** Whether the closing handshake was finished when the pipe was gone. */
  #wasClean = false;

  constructor(pipe: Pipe, handler: SmallConnectionHandler) {
    this.#pipe = pipe;
    this.#handler = handler;
  }

  /** Bytes of frames that have not left. */
  get bufferedAmount(): number {
    return this.#outputSize + this.#pipe.bufferedAmount;
  }

  /** Whether something that was sent has not left, or was lost with the pipe. */
  get hasUnsent(): boolean {
    return this.bufferedAmount > 0 || !this.#wasClean;
  }

  send(data: string | Uint8Array): SendResult {
    if (this.#state !== 'OPEN') return 'closed';
    if (typeof data === 'string') this.#send(Opcode.TEXT, encoder.encode(data));
    else this.#send(Opcode.BINARY, data);
    return 'written';
  }

  /** The code and reason must be such as may be sent. */
  close(code: number | undefined, reason: string): void {
    this.#farewell = farewell(code, reason);
    this.#on('close');
  }

  // --- from the pipe -------------------------------------------------------------------------------------------------

  receive(bytes: Uint8Array): void {
    this.#input.append(bytes);
    while (this.#takeFrame());
  }

  ended(): void {
    this.#on('ended');
  }

  gone(): void {
    this.#on('gone');
  }

  drained(): void {}

  flush(): void {
    const output = this.#output;
    this.#output = [];
    this.#outputSize = 0;
    if (output.length > 0) this.#pipe.writeAll(output);
  }

  // --- frames that come ----------------------------------------------------------------------------------------------

  /** Returns whether the next may be looked for. */
  #takeFrame(): boolean {
    const header = this.#header;
    const { view } = this.#input;
    if (this.#state !== 'OPEN' && this.#state !== 'CLOSE_SENT') this.#input.drop(view.length);
    if (this.#input.length === 0) return false;
    const size = readFrameHeader(view, 0, view.length, false, header);
    // 5.2: a reserved bit must be 0 without an extension.
    if (typeof size === 'string' || (size > 0 && header.rsv1)) return this.#fail(PROTOCOL_ERROR);
    if (size === 0) return false;
    if (header.length + this.#fragments.length > MAX_MESSAGE) return this.#fail(MESSAGE_TOO_BIG);
    const end = size + header.length;
    if (view.length < end) return false;
    this.#take(header.opcode, header.fin, view.subarray(size, end));
    this.#input.drop(end);
    return true;
  }

  #take(opcode: number, fin: boolean, payload: Uint8Array): void {
    if (opcode === Opcode.PING) {
      if (this.#state === 'OPEN' && this.bufferedAmount <= MAX_WAITING_FOR_PONG) this.#send(Opcode.PONG, payload);
    } else if (opcode === Opcode.CLOSE) {
      this.#takeClose(payload);
    } else if (opcode !== Opcode.PONG) {
      this.#takeData(opcode, fin, payload);
    }
  }

  #takeData(opcode: number, fin: boolean, payload: Uint8Array): void {
    // 5.4: fragments of messages are not mixed.
    if ((opcode === Opcode.CONTINUATION) === (this.#opcode === Opcode.CONTINUATION)) {
      this.#fail(PROTOCOL_ERROR);
      return;
    }
    this.#opcode ||= opcode;
    if (!fin || this.#fragments.length > 0) this.#fragments.append(payload);
    if (!fin) return;
    const fragments = this.#fragments.length;
    const whole = fragments > 0 ? this.#fragments.view : payload;
    const data = this.#opcode === Opcode.TEXT ? decode(whole) : Uint8Array.from(whole);
    this.#fragments.drop(fragments);
    this.#opcode = Opcode.CONTINUATION;
    if (data === undefined) this.#fail(INVALID_PAYLOAD);
    else this.#handler.message(data);
  }

  #takeClose(payload: Uint8Array): void {
    const [high = 0, low] = payload;
    const code = payload.length === 0 ? NO_STATUS_RECEIVED : (high << 8) | (low ?? 0);
    const reason = decode(payload.subarray(2));
    if (payload.length > 0 && (low === undefined || !isCloseCodeAllowedOnWire(code))) {
      this.#fail(PROTOCOL_ERROR);
    } else if (reason === undefined) {
      this.#fail(INVALID_PAYLOAD);
    } else {
      this.#code = code;
      this.#reason = reason;
      // 5.5.1: an endpoint "typically echos the status code it received".
      this.#farewell = payload.slice(0, 2);
      this.#on('closeReceived');
    }
  }

  #fail(code: number): false {
    this.#farewell = farewell(code, '');
    this.#on('violation');
    return false;
  }

  // --- frames that go ------------------------------------------------------------------------------------------------

  #send(opcode: number, payload: Uint8Array): void {
    const [key = 0] = crypto.getRandomValues(new Uint32Array(1));
    const frame = new Uint8Array(frameHeaderSize(payload.length, true) + payload.length);
    const at = writeFrameHeader(frame, 0, FIN | opcode, payload.length, key);
    for (let i = 0; i < payload.length; i++) frame[at + i] = (payload[i] ?? 0) ^ (key >>> (~i * 8));
    if (this.#output.length === 0) this.#pipe.requestFlush();
    this.#output.push(frame);
    this.#outputSize += frame.length;
  }

  /** What the table of the protocol says. */
  #on(event: StateEvent): void {
    this.#wasClean = this.#state === 'CLOSE_DONE';
    const transition = transitions[this.#state][event];
    if (transition === undefined) return;
    this.#state = transition.to;
    for (const action of transition.actions) {
      if (action === 'sendClose') this.#send(Opcode.CLOSE, this.#farewell);
      this.flush();
      if (action === 'end') this.#pipe.end();
      else if (action === 'destroy') this.#pipe.destroy();
      else if (action === 'notify') this.#handler.closing();
      else if (action === 'report') this.#handler.close(this.#code, this.#reason, this.#wasClean);
    }
  }
}

function farewell(code: number | undefined, reason: string): Uint8Array<ArrayBuffer> {
  return code === undefined ? new Uint8Array() : Uint8Array.of(code >> 8, code, ...encoder.encode(reason));
}

/** `undefined` if that is not valid UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
