import { randomUUID } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { CloseCode } from '@tidewire/server';
import type { ConnectionInfo, Sides, Translator } from '../translator.ts';
import { certificateName } from './certificate-name.ts';
import { ElementReader, readMessage, type StreamHeader, type XmlElement } from './element-reader.ts';
import { COMPRESSION, COMPRESSION_FEATURE, FRAMING, SASL, STREAMS, TLS } from './namespaces.ts';
import { type StreamCondition, StreamProblem } from './stream-problem.ts';
import {
  CLOSE,
  openElement,
  STARTTLS,
  STREAM_END,
  type StreamAttributes,
  standalone,
  streamAttributesOf,
  streamError,
  streamHeader,
  withoutFeatures,
} from './wording.ts';

// XMPP over WebSocket (RFC 7395) on one side, over TCP (RFC 6120) on the other. Both have the same elements; they differ in how a
// stream begins and ends, and in that an element of a message stands alone.
//
// TLS to the server is the gateway's business: a client must not see STARTTLS (RFC 7395, 3.9), so that is done before the client
// is told that its stream is open. What it sends meanwhile waits.

/** Where the first stream is. */
type Phase =
  /** The client has to open a stream: at first, and after it has logged in. */
  | 'unopened'
  /** The server was greeted in the clear, and its features say whether it offers TLS. */
  | 'asking'
  /** TLS was asked for. */
  | 'securing'
  | 'open'
  /** Nothing goes either way any more. */
  | 'over';

const CLIENT_FAULT = CloseCode.POLICY_VIOLATION;
const SERVER_FAULT = CloseCode.INTERNAL_ERROR;
const BETWEEN = 'The server has said more in the clear before TLS';

export function translateXmpp(sides: Sides, connection: ConnectionInfo): Translator {
  return new XmppTranslator(sides, connection);
}

class XmppTranslator implements Translator {
  readonly #sides: Sides;
  readonly #connection: ConnectionInfo;
  #phase: Phase = 'unopened';
  readonly #reader: ElementReader;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** The client's. */
  #opening: StreamAttributes = {};
  /** The server's. */
  #header: StreamHeader | undefined;
  #isSecure = false;
  /** Whether the server has said that TLS begins. */
  #isProceeding = false;
  /** Whether the client has an `<open/>` since it sent its own. */
  #isAnswered = false;
  /** Whether the server has our stream and not its end. */
  #isGreeted = false;
  #hasClientClosed = false;
  #hasServerClosed = false;
  /** What the client has sent before its stream was open, and of how many characters. */
  #waiting: XmlElement[] = [];
  #waitingSize = 0;

  constructor(sides: Sides, connection: ConnectionInfo) {
    this.#sides = sides;
    this.#connection = connection;
    const handler = {
      header: (header: StreamHeader) => this.#serverOpened(header),
      element: (element: XmlElement) => this.#fromStream(element),
      ended: () => this.#serverClosed(),
    };
    this.#reader = new ElementReader(handler, { isStream: true, maxSize: connection.maxMessageSize });
  }

  // --- from the client -----------------------------------------------------------------------------------------------

  fromClient(message: string | Uint8Array): void {
    if (this.#phase === 'over' || this.#hasClientClosed) return;
    if (typeof message !== 'string') {
      // RFC 7395, 3.2: messages MUST be of the text type.
      this.#end(CloseCode.UNSUPPORTED_DATA, 'XMPP is text');
      return;
    }
    this.#attempt(CLIENT_FAULT, () => {
      const element = readMessage(message, this.#connection.maxStanzaSize);
      if (this.#phase === 'asking' || this.#phase === 'securing') this.#hold(element);
      else this.#take(element);
    });
  }

  /** The WebSocket is gone. A stream that is not closed may be resumed (XEP-0198), so it is not closed for the client. */
  clientGone(): void {
    this.#phase = 'over';
    this.#waiting = [];
  }

  #hold(element: XmlElement): void {
    this.#waitingSize += element.text.length;
    if (this.#waitingSize > this.#connection.maxStanzaSize) {
      throw new StreamProblem('policy-violation', 'Too much has come before the stream was open');
    }
    this.#waiting.push(element);
  }

  #release(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const element of waiting) if (this.#phase !== 'over' && !this.#hasClientClosed) this.#take(element);
  }

  #take(element: XmlElement): void {
    const { local, uri, text } = element;
    if (uri === FRAMING && local === 'close') this.#closedByClient();
    else if (this.#phase === 'unopened') this.#opened(element);
    else if (uri === FRAMING) throw new StreamProblem('bad-format', `<${local}/> makes no sense here`);
    else if (uri === '') throw new StreamProblem('invalid-namespace', 'An element must have a namespace');
    else if (uri === TLS || uri === COMPRESSION) {
      // RFC 7395, 3.9, forbids the one; the other would change the bytes for the server alone.
      throw new StreamProblem('policy-violation', 'TLS and compression are those of the WebSocket');
    } else this.#sides.toServer(Buffer.from(text));
  }

  #opened({ local, uri, attributes }: XmlElement): void {
    if (local !== 'open' && local !== 'stream') throw new StreamProblem('bad-format', 'There is no stream yet');
    // RFC 7395, 3.3.2: MUST return a stream error, which MUST be <invalid-namespace/>.
    if (uri !== FRAMING || local !== 'open') {
      throw new StreamProblem('invalid-namespace', `A stream begins with <open/> of ${FRAMING}`);
    }
    this.#opening = streamAttributesOf(attributes);
    const { isEncrypted, encryption } = this.#connection;
    if (isEncrypted && !this.#isSecure) this.#secure();
    else this.#greet(this.#isSecure || this.#header !== undefined || encryption === 'none' ? 'open' : 'asking');
  }

  #closedByClient(): void {
    this.#hasClientClosed = true;
    if (this.#isGreeted) {
      this.#isGreeted = false;
      this.#sides.toServer(Buffer.from(STREAM_END));
      if (!this.#hasServerClosed) return;
    } else {
      this.#sides.toClient(CLOSE);
    }
    this.#end(CloseCode.NORMAL, '');
  }

  // --- from the server -----------------------------------------------------------------------------------------------

  fromServer(bytes: Uint8Array): void {
    if (this.#phase === 'over') return;
    this.#attempt(SERVER_FAULT, () => {
      this.#reader.write(this.#decode(bytes));
      if (this.#isProceeding) this.#secure();
    });
  }

  serverEnded(): void {
    if (this.#phase === 'over') return;
    if (this.#hasClientClosed || this.#hasServerClosed) {
      if (!this.#hasServerClosed) this.#sides.toClient(CLOSE);
      this.#end(CloseCode.NORMAL, '');
    } else if (this.#isAnswered) {
      this.#end(CloseCode.INTERNAL_ERROR, 'The server has ended the connection and not the stream');
    } else {
      this.#fail('remote-connection-failed', 'The server has ended the connection', SERVER_FAULT);
    }
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes, { stream: true });
    } catch {
      throw new StreamProblem('unsupported-encoding', 'The server has sent bytes that are no UTF-8');
    }
  }

  #serverOpened(header: StreamHeader): void {
    if (this.#phase === 'over') return;
    if (this.#phase === 'securing') {
      throw new StreamProblem('remote-connection-failed', BETWEEN);
    }
    if (!this.#isGreeted || header.uri !== STREAMS || header.local !== 'stream') {
      throw new StreamProblem('internal-server-error', 'The server has sent something that is no stream');
    }
    this.#header = header;
    if (this.#phase === 'open') this.#answer();
  }

  #answer(): void {
    this.#isAnswered = true;
    if (this.#header !== undefined) this.#sides.toClient(openElement(streamAttributesOf(this.#header.attributes)));
  }

  #fromStream(element: XmlElement): void {
    const { local, uri } = element;
    if (this.#phase === 'over') return;
    const isFeatures = uri === STREAMS && local === 'features';
    if (this.#phase === 'securing') this.#proceed(element);
    else if (this.#phase === 'asking' && isFeatures && element.children.some((child) => child.uri === TLS)) {
      this.#phase = 'securing';
      this.#sides.toServer(Buffer.from(STARTTLS));
    } else {
      if (this.#phase === 'asking') this.#settle();
      this.#pass(isFeatures ? withoutFeatures(element, [TLS, COMPRESSION_FEATURE]) : element);
      if (uri === SASL && local === 'success') this.#restart();
      this.#release();
    }
  }

  /** TLS it will not be. */
  #settle(): void {
    if (this.#connection.encryption === 'required') {
      throw new StreamProblem('remote-connection-failed', 'The server does not offer TLS');
    }
    this.#phase = 'open';
    this.#answer();
  }

  #pass(element: XmlElement): void {
    if (this.#header !== undefined) this.#sides.toClient(standalone(element, this.#header));
  }

  /** RFC 6120, 6.4.6: both streams are replaced, without being closed. */
  #restart(): void {
    this.#reader.restart();
    this.#phase = 'unopened';
    this.#isGreeted = false;
    this.#isAnswered = false;
  }

  #serverClosed(): void {
    if (this.#phase === 'over') return;
    if (this.#phase === 'asking' || this.#phase === 'securing') {
      this.#phase = 'open';
      this.#answer();
      this.#release();
    }
    this.#hasServerClosed = true;
    this.#sides.toClient(CLOSE);
    if (this.#hasClientClosed) this.#end(CloseCode.NORMAL, '');
  }

  // --- TLS to the server ---------------------------------------------------------------------------------------------

  #proceed({ local, uri }: XmlElement): void {
    if (uri !== TLS || local !== 'proceed') {
      throw new StreamProblem('remote-connection-failed', 'The server offers TLS and does not begin it');
    }
    this.#reader.restart();
    this.#isProceeding = true;
  }

  #secure(): void {
    // What is behind the answer to STARTTLS and in the clear, anybody on the way may have put there.
    if (!this.#reader.isAtStart || this.#decoder.decode() !== '') {
      throw new StreamProblem('remote-connection-failed', BETWEEN);
    }
    this.#phase = 'securing';
    this.#isProceeding = false;
    this.#isGreeted = false;
    const servername = certificateName(this.#opening.to);
    this.#sides.startTls({ servername, protocol: this.#connection.isEncrypted ? 'xmpp-client' : undefined }).then(
      () => {
        if (this.#phase === 'over') return;
        this.#isSecure = true;
        this.#greet('open');
      },
      () => this.#fail('remote-connection-failed', 'There is no secure connection to the server', SERVER_FAULT),
    );
  }

  // --- both ----------------------------------------------------------------------------------------------------------

  #greet(phase: 'open' | 'asking'): void {
    this.#phase = phase;
    this.#isGreeted = true;
    const { from, ...others } = this.#opening;
    // RFC 6120, 4.7.1: who somebody is goes in no header before TLS.
    this.#sides.toServer(Buffer.from(streamHeader(phase === 'asking' ? others : { from, ...others })));
  }

  #attempt(fault: typeof CLIENT_FAULT | typeof SERVER_FAULT, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof StreamProblem)) throw error;
      const { condition, message } = error;
      const isTheirs =
        fault === SERVER_FAULT && condition !== 'policy-violation' && condition !== 'remote-connection-failed';
      this.#fail(isTheirs ? 'internal-server-error' : condition, message, fault);
    }
  }

  /** RFC 7395, 3.5: during the opening of a stream there MUST be an `<open/>` before the error; 3.6: and then it is closed. */
  #fail(condition: StreamCondition, text: string, code: number): void {
    if (this.#phase === 'over') return;
    if (!this.#hasServerClosed) {
      const from = this.#opening.to;
      if (!this.#isAnswered) this.#sides.toClient(openElement({ from, id: randomUUID(), version: '1.0', lang: 'en' }));
      this.#sides.toClient(streamError(condition, text));
      this.#sides.toClient(CLOSE);
    }
    if (this.#isGreeted) this.#sides.toServer(Buffer.from(STREAM_END));
    this.#end(code, condition);
  }

  #end(code: number, reason: string): void {
    this.#phase = 'over';
    this.#waiting = [];
    this.#sides.close(code, reason);
  }
}
