import { closePayload, readClosePayload } from './close-payload.ts';
import { ControlFrames } from './control-frames.ts';
import { Ending } from './ending.ts';
import { ConnectionError, type ViolationCode } from './errors.ts';
import { createDeflate, type Deflate } from './extensions/deflate.ts';
import type { DeflateAgreement } from './extensions/negotiation.ts';
import { Opcode } from './frames.ts';
import { MessageWriter, type SendResult } from './message-writer.ts';
import type { Pipe } from './pipe.ts';
import { encodeText, type PreparedBatch } from './prepared-message.ts';
import type { Receiver, ReceiverSink } from './receiver.ts';
import { controlPayload, describe, type Sender } from './sender.ts';
import type { ConnectionSettings } from './settings.ts';
import { type Action, type ReadyState, readyStates, type State, type StateEvent, transitions } from './states.ts';

// One WebSocket connection as a machine. Bytes from the peer go into `receive`; messages and the close come out through
// the handler, and bytes for the peer through the pipe, all synchronously.
//
// The rules of this file:
// - The state changes only in `#on`, by the table in states.ts, before anybody is told.
// - Nothing that the peer does throws. What the caller does wrong throws, and names the argument.
// - Time passes outside: the owner of the pipe holds the deadlines, and calls `gone` when it has cut the connection.

/** What comes out of a connection. The callbacks must not throw; they may call any method of the connection. */
export interface ConnectionHandler {
  /**
   * A message: text as a string, binary as bytes that belong to the handler, unless they are lent: see `lendBinary` of
   * `ConnectionOptions`.
   */
  message(data: string | Uint8Array, isLent: boolean): void;
  /** A Ping came; its Pong is already on the way. The payload belongs to the handler. */
  ping?(payload: Uint8Array): void;
  pong?(payload: Uint8Array): void;
  /**
   * The peer's Close frame, or the rule that it broke, is about to be answered, and nothing more is taken from it. For
   * those who hand messages on in tasks of their own: return `true`, and call `answer` when the messages so far have been
   * handed on. What is sent until then goes out before our Close frame. Default: the answer goes out at once.
   */
  answering?(answer: () => void): boolean;
  /**
   * The connection has left OPEN: this side or the peer has begun to close, the peer has broken a rule, or the pipe has
   * ended. The owner now sets a deadline for the pipe to be gone.
   */
  closing?(): void;
  /** It is over. Called once, when the pipe is gone. */
  close(event: ConnectionClose): void;
}

/** How a connection ended. */
export interface ConnectionClose {
  /**
   * The code of the peer's Close frame, 1005 if that had none; what we sent in ours if we failed the connection; 1006 if
   * there was no Close frame at all (RFC 6455, 7.1.5).
   */
  readonly code: number;
  /** The reason that the peer gave, or the empty string (7.1.6). */
  readonly reason: string;
  /** Whether both sides sent a Close frame before the pipe was gone (7.1.4). */
  readonly wasClean: boolean;
  /** The rule that the peer broke, if that is why. */
  readonly error: ConnectionError | undefined;
}

export interface SendOptions {
  /** `false` keeps this message from being compressed. Default `true`: it is, if that was negotiated and pays. */
  readonly compress?: boolean | undefined;
  /** Fail the connection, instead of refusing the message, when `maxBufferedAmount` is exceeded: OUTPUT_LIMIT, 1008. */
  readonly closeWhenFull?: boolean | undefined;
}

const EMPTY = new Uint8Array(0);

export class Connection {
  readonly settings: ConnectionSettings;
  readonly #handler: ConnectionHandler;
  readonly #pipe: Pipe;
  /** There is one from the first byte of a message to its last, and while paused. */
  #receiver: Receiver<Connection> | undefined;
  /** There is one while something is to be sent. */
  #sender: Sender | undefined;
  #state: State = 'CONNECTING';
  #deflate: Deflate | undefined;
  #receiving = false;
  #flushRequested = false;
  #controls: ControlFrames | undefined;
  #ending: Ending | undefined;

  /** The connection is CONNECTING until `open` is called. */
  constructor(settings: ConnectionSettings, handler: ConnectionHandler, pipe: Pipe) {
    this.settings = settings;
    this.#handler = handler;
    this.#pipe = pipe;
  }

  get state(): State {
    return this.#state;
  }

  get readyState(): ReadyState {
    return readyStates[this.#state];
  }

  /** What was negotiated for permessage-deflate, `undefined` if messages are not compressed. */
  get deflate(): DeflateAgreement | undefined {
    return this.#deflate?.agreement;
  }

  /** Bytes, frame headers included, that have not left the process yet. */
  get bufferedAmount(): number {
    return (this.#sender?.length ?? 0) + this.#pipe.bufferedAmount;
  }

  get isPaused(): boolean {
    return this.#receiver?.isPaused ?? false;
  }

  // --- from the pipe -------------------------------------------------------------------------------------------------

  /** The opening handshake is done; what came after it goes into `receive` next. */
  open(agreement?: DeflateAgreement | undefined): void {
    if (agreement !== undefined) {
      this.#deflate = createDeflate(agreement, this.settings);
      // Who was paused, or had a message started on, before that has them already.
      if (this.#receiver !== undefined) this.#receiver.inflater = this.#deflate.inflater;
      if (this.#sender !== undefined) this.#sender.compression = this.#deflate;
    }
    this.#on('opened');
  }

  /** Takes bytes from the peer. `chunk` may be overwritten, and is not kept: the caller may use it again. */
  receive(chunk: Uint8Array): void {
    if (this.#ending?.isDeaf) return;
    const receiver = this.#borrowReceiver();
    if (this.#receiving) {
      receiver.push(chunk);
      return;
    }
    this.#receiving = true;
    receiver.push(chunk);
    this.#receiving = false;
    this.#received(receiver);
  }

  /** The peer has ended its direction of the pipe: no more bytes will come. */
  ended(): void {
    this.#ensureEnding().hasEnded = true;
    this.#endIfDelivered();
  }

  /** The pipe no longer exists in either direction. */
  gone(): void {
    if (this.#ending !== undefined) this.#ending.answer = undefined;
    this.#on('gone');
  }

  /** The pipe has no buffered bytes any more. */
  drained(): void {
    const controls = this.#controls;
    if (controls?.pendingPong === undefined) return;
    const payload = controls.pendingPong;
    controls.pendingPong = undefined;
    if (this.#state === 'OPEN') this.#control(Opcode.PONG, payload);
  }

  /** Hands everything that is to be sent to the pipe. */
  flush(): void {
    this.#flushRequested = false;
    const sender = this.#sender;
    if (sender === undefined) return;
    if (sender.outputLength > 0) sender.drainTo(this.#pipe);
    // The pipe may have been told to close, or to send more, meanwhile.
    if (this.#sender !== sender || !sender.isIdle) return;
    this.#sender = undefined;
    this.settings.lending.takeSender(sender);
  }

  // --- from the application ------------------------------------------------------------------------------------------

  /**
   * Sends a message: a string as text, bytes as binary.
   * @param data bytes are read before this returns, but for 64 KiB and more on a server, which must not change before
   *   they have been sent
   * @throws TypeError for anything else
   */
  send(data: string | Uint8Array, options?: SendOptions): SendResult {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError(`data must be a string or a Uint8Array, not ${describe(data)}`);
    }
    const result = this.#admit(options?.closeWhenFull === true);
    if (result === 'refused' || result === 'closed') return result;
    const sender = this.#borrowSender();
    if (typeof data === 'string') sender.text(data, options?.compress !== false);
    else sender.binary(data, options?.compress !== false);
    return this.#sent(sender, result);
  }

  /**
   * Sends messages that were framed for many connections. They are admitted, and become of one fate, together.
   * @param atOnce whether they are handed to the pipe now, and not by `flush`
   */
  sendPrepared(batch: PreparedBatch, options?: SendOptions, atOnce = false): SendResult {
    const result = this.#admit(options?.closeWhenFull === true);
    if (result === 'refused' || result === 'closed') return result;
    // Nothing waits: without a sender, the same bytes for 1000 connections took a tenth less time.
    const frames =
      atOnce && this.#sender === undefined
        ? batch.framesFor(this.settings, options?.compress === false ? undefined : this.#deflate)
        : undefined;
    if (frames !== undefined) {
      this.#pipe.write(frames);
      return result;
    }
    const sender = this.#borrowSender();
    sender.prepared(batch, options?.compress !== false);
    const sent = this.#sent(sender, result);
    if (atOnce) this.flush();
    return sent;
  }

  /**
   * Begins a message that is sent in fragments as they are produced. Messages sent before its end come after it.
   * @throws TypeError for another type; Error if another such message has not ended
   */
  startMessage(type: 'text' | 'binary'): MessageWriter {
    if (type !== 'text' && type !== 'binary')
      throw new TypeError(`type must be 'text' or 'binary', not ${String(type)}`);
    const sender = this.#borrowSender();
    if (sender.isFragmenting) throw new Error('The last message that was started has not ended');
    const opcode = type === 'text' ? Opcode.TEXT : Opcode.BINARY;
    sender.beginFragments();
    return new MessageWriter(type, (chunk, isLast) => {
      // What waits for the end of this message must not keep it from ending.
      const result = this.#admit(false, sender.isCompressing ? sender.length : sender.outputLength);
      if (result === 'refused' || result === 'closed') return result;
      const payload = typeof chunk === 'string' ? encodeText(chunk, this.settings.platform) : chunk;
      // An empty fragment says nothing unless it is the last.
      if (payload.length > 0 || isLast) sender.fragment(opcode, payload, isLast);
      this.#outputAdded();
      return result;
    });
  }

  /**
   * Sends a Ping (RFC 6455, 5.5.2). Its answer comes to the handler's `pong`.
   * @throws TypeError if `payload` is neither text nor bytes; RangeError if it has more than 125 bytes
   */
  ping(payload: string | Uint8Array = EMPTY): SendResult {
    return this.#sendControl(Opcode.PING, payload);
  }

  /** Sends a Pong that nobody asked for (5.5.3). Throws as `ping` does. */
  pong(payload: string | Uint8Array = EMPTY): SendResult {
    return this.#sendControl(Opcode.PONG, payload);
  }

  /**
   * Begins the closing handshake (RFC 6455, 7.1.2). While CONNECTING it drops the pipe; later than OPEN it does nothing.
   * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999; without it the Close frame is empty
   * @param reason for people to read, at most 123 bytes of UTF-8
   * @throws RangeError for another code or a longer reason; TypeError for a reason that is not a string, or has no code
   */
  close(code?: number, reason = ''): void {
    const payload = closePayload(code, reason, this.settings.platform);
    this.#on('close', payload);
  }

  /** Drops the pipe at once and delivers nothing more. Unless the closing handshake was done, it ends with 1006. */
  abandon(): void {
    this.#on('abandoned');
  }

  /** Stops delivering: bytes that come are kept, and the owner of the pipe is expected to stop reading. */
  pause(): void {
    if (!this.#ending?.isDeaf) this.#borrowReceiver().pause();
  }

  /** Delivers what was kept, and goes on. */
  resume(): void {
    const receiver = this.#receiver;
    if (receiver?.isPaused) {
      const wasReceiving = this.#receiving;
      this.#receiving = true;
      receiver.resume();
      this.#receiving = wasReceiving;
      if (!wasReceiving) this.#received(receiver);
    }
  }

  // --- from the receiver ---------------------------------------------------------------------------------------------

  static readonly #sink: ReceiverSink<Connection> = {
    message: (connection, data, isLent) => connection.#handler.message(data, isLent),
    control: (connection, opcode, payload) => connection.#controlReceived(opcode, payload),
    inflated: (connection, receiver) => connection.#inflated(receiver),
    violation: (connection, code) => connection.#violated(code),
  };

  /** A message that was inflated elsewhere is there. */
  #inflated(receiver: Receiver<Connection>): void {
    this.#pipe.hold?.(false);
    this.#receiving = true;
    receiver.proceed();
    this.#receiving = false;
    this.#received(receiver);
  }

  /** Everything that the receiver could deliver for now was delivered. */
  #received(receiver: Receiver<Connection>): void {
    if (receiver.isInflating) this.#pipe.hold?.(true);
    this.#returnReceiver(receiver);
    this.flush();
    this.#endIfDelivered();
  }

  #controlReceived(opcode: number, payload: Uint8Array): void {
    const { limits, platform } = this.settings;
    this.#controls ??= new ControlFrames();
    if (!this.#controls.admit(platform.now(), limits.maxControlFramesPerSecond)) {
      this.#violated('TOO_MANY_CONTROL_FRAMES');
    } else if (opcode === Opcode.CLOSE) {
      this.#closeReceived(payload);
    } else if (opcode === Opcode.PING) {
      this.#answerPing(payload, this.#controls);
      this.#handler.ping?.(payload);
    } else {
      this.#handler.pong?.(payload);
    }
  }

  /**
   * 5.5.2: a Pong "unless it already received a Close frame". 5.5.3 lets us answer the latest Ping only: while the peer
   * does not take what we send, no more than one Pong waits.
   */
  #answerPing(payload: Uint8Array, controls: ControlFrames): void {
    if (this.#state !== 'OPEN') return;
    if (this.#pipe.bufferedAmount > 0) controls.pendingPong = payload;
    else this.#control(Opcode.PONG, payload);
  }

  #closeReceived(payload: Uint8Array): void {
    const close = readClosePayload(payload, this.settings.platform);
    if (typeof close === 'string') {
      this.#violated(close);
      return;
    }
    const ending = this.#ensureEnding();
    ending.code = close.code;
    ending.reason = close.reason;
    // 5.5.1: the answer "typically echos the status code it received".
    this.#answerWith(() => this.#on('closeReceived', payload.subarray(0, 2)));
  }

  #violated(code: ViolationCode): void {
    this.#answerWith(() => this.#fail(code));
  }

  /** Answers the last that is taken from the peer: now, or when the owner is done with what came before. */
  #answerWith(answer: () => void): void {
    // 1.4: "discards any further data received".
    this.#stopReceiving();
    this.#ensureEnding().answer = answer;
    // Once our own Close frame is out, nothing can be sent any more that would have to come first.
    const waits = this.#state === 'OPEN' && this.#handler.answering?.(() => this.#answerNow()) === true;
    if (!waits) this.#answerNow();
  }

  #answerNow(): void {
    const ending = this.#ensureEnding();
    const { answer } = ending;
    ending.answer = undefined;
    answer?.();
    this.#endIfDelivered();
  }

  /** The end of the stream counts from when all that came before it was dealt with. */
  #endIfDelivered(): void {
    const ending = this.#ending;
    if (!ending?.hasEnded || ending.answer !== undefined || this.#receiving || this.#receiver?.isHolding) return;
    ending.hasEnded = false;
    this.#on('ended');
  }

  #fail(code: ViolationCode): void {
    this.#stopReceiving();
    const ending = this.#ensureEnding();
    ending.error = new ConnectionError(code);
    ending.code = ending.error.closeCode;
    this.#on('violation', closePayload(ending.code, '', this.settings.platform));
  }

  #ensureEnding(): Ending {
    this.#ending ??= new Ending();
    return this.#ending;
  }

  // --- what is lent ----------------------------------------------------------------------------------------------------

  #borrowReceiver(): Receiver<Connection> {
    this.#receiver ??= this.settings.lending.receiver(Connection.#sink, this, this.#deflate?.inflater);
    return this.#receiver;
  }

  #returnReceiver(receiver: Receiver<Connection>): void {
    // One that was stopped is nobody's any more.
    if (this.#receiver !== receiver || !receiver.isIdle) return;
    this.#receiver = undefined;
    this.settings.lending.takeReceiver(receiver);
  }

  #stopReceiving(): void {
    this.#ensureEnding().isDeaf = true;
    if (this.#receiver?.isInflating) this.#pipe.hold?.(false);
    this.#receiver?.stop();
    this.#receiver = undefined;
  }

  #borrowSender(): Sender {
    this.#sender ??= this.settings.lending.sender(this.#deflate);
    return this.#sender;
  }

  // --- sending -------------------------------------------------------------------------------------------------------

  /** Whether a message may be sent now, and what then becomes of it. */
  #admit(closeWhenFull: boolean, produced = this.#sender?.length ?? 0): SendResult {
    if (this.#state !== 'OPEN') return 'closed';
    const waiting = this.#pipe.bufferedAmount;
    if (produced + waiting > this.settings.limits.maxBufferedAmount) {
      if (!closeWhenFull) return 'refused';
      this.#fail('OUTPUT_LIMIT');
      return 'closed';
    }
    return waiting > 0 || this.#sender?.isFragmenting ? 'buffered' : 'written';
  }

  /** A message is in the output, or it, or one before it, is being compressed. */
  #sent(sender: Sender, result: SendResult): SendResult {
    this.#outputAdded();
    if (!sender.isCompressing) return result;
    sender.onOutput ??= () => this.#compressed(sender);
    return 'buffered';
  }

  #compressed(sender: Sender): void {
    this.#outputAdded();
    const ending = this.#ending;
    if (!ending?.endsLater || sender.isCompressing) return;
    ending.endsLater = false;
    this.#end();
  }

  #sendControl(opcode: number, payload: string | Uint8Array): SendResult {
    const bytes = controlPayload(payload, this.settings);
    const result = this.#admit(false);
    if (result === 'written' || result === 'buffered') this.#control(opcode, bytes);
    return result;
  }

  #control(opcode: number, payload: Uint8Array): void {
    this.#borrowSender().control(opcode, payload);
    this.#outputAdded();
  }

  #outputAdded(): void {
    if (this.#receiving || this.#flushRequested) return;
    this.#flushRequested = true;
    this.#pipe.requestFlush();
  }

  // --- the state machine ---------------------------------------------------------------------------------------------

  #on(event: StateEvent, closePayload: Uint8Array = EMPTY): void {
    const transition = transitions[this.#state][event];
    if (transition === undefined) return;
    // 7.1.4: clean if the pipe is gone after the closing handshake was completed.
    const wasClean = this.#state === 'CLOSE_DONE';
    this.#state = transition.to;
    if (event === 'ended' || event === 'gone' || event === 'abandoned') this.#stopReceiving();
    for (const action of transition.actions) this.#act(action, closePayload, wasClean);
  }

  #act(action: Action, closePayload: Uint8Array, wasClean: boolean): void {
    switch (action) {
      case 'sendClose':
        this.#control(Opcode.CLOSE, closePayload);
        break;
      case 'endIfServer':
        if (this.settings.role === 'server') this.#end();
        break;
      case 'end':
        this.#end();
        break;
      case 'destroy':
        this.#pipe.destroy();
        break;
      case 'notify':
        this.#handler.closing?.();
        break;
      case 'report':
        this.#report(wasClean);
        break;
    }
  }

  #end(): void {
    if (this.#sender?.isCompressing) {
      this.#ensureEnding().endsLater = true;
      return;
    }
    this.flush();
    this.#pipe.end();
  }

  #report(wasClean: boolean): void {
    this.#sender?.clear();
    this.#sender = undefined;
    const { code, reason, error } = this.#ensureEnding();
    this.#handler.close({ code, reason, wasClean, error });
  }
}
