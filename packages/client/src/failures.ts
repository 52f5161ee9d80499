import {
  type ConnectionError,
  type HandshakeFailureCode,
  type HeaderList,
  handshakeFailures,
  type ViolationCode,
} from '@tidewire/protocol';

// Why a connection could not be opened, or ended without a closing handshake. The standard lets a page know nothing of
// this; a program on Node may, so every failure says what happened.

/** What can go wrong beside the rules of the opening handshake and of the protocol, by its stable code. */
export const clientFailures = {
  ABORTED: 'The signal was aborted before the connection was open',
  CLOSED_BEFORE_OPEN: 'close() was called before the connection was open',
  TERMINATED: 'terminate() was called',
  BLOCKED_PORT: 'The port is one that the Fetch standard blocks; the option allowBlockedPorts lifts that',
  CONNECT: 'No connection to the server could be made',
  TLS: 'No verified TLS connection to the server could be made',
  PROXY: 'No connection to the proxy could be made',
  PROXY_REFUSED: 'The proxy refused to connect to the server',
  PROXY_UNSUPPORTED: 'A proxy from the environment must have an http: or https: URL',
  HANDSHAKE_TIMEOUT: 'The opening handshake took longer than handshakeTimeout',
  TUNNEL_REFUSED: 'The server opened no tunnel',
  TRANSPORT_TIMEOUT: 'The transport was not open within transportTimeout',
  TRANSPORTS: 'No transport got through',
  RESPONSE: 'The server did not answer the opening handshake in HTTP',
  SUBPROTOCOL_MISSING: 'The server chose none of the subprotocols asked for',
  REDIRECT_LIMIT: 'The server redirected more often than the option redirects allows',
  REDIRECT_TARGET: 'The server redirected to something that is not a WebSocket or HTTP URL',
  REDIRECT_INSECURE: 'The server redirected from wss: to ws:; redirects.allowInsecure lifts that refusal',
  CONNECTION_LOST: 'The connection ended without a closing handshake',
  CLOSE_TIMEOUT: 'The server did not finish the closing handshake within closeTimeout',
  BLOB_UNREADABLE: 'A Blob that was to be sent could not be read',
} as const;

/** Stable. `handshakeFailures` and `violations` of `@tidewire/protocol` explain those that are not of the client. */
export type FailureCode = keyof typeof clientFailures | HandshakeFailureCode | ViolationCode;

/** What a server, or a proxy, answered. */
export interface RefusedResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /** As UTF-8, up to 16 KiB of it. Empty for the answer of a proxy. */
  readonly body: string;
}

export interface FailureDetails {
  readonly cause?: unknown;
  /** Put behind the message. */
  readonly detail?: string;
  readonly response?: RefusedResponse;
}

/** Why a connection failed. `cause` is the error that was met, such as that of the TCP or TLS connection, if any. */
export class WebSocketFailure extends Error {
  override readonly name = 'WebSocketFailure';
  readonly code: FailureCode;
  /** What refused the handshake, if something answered. */
  readonly response: RefusedResponse | undefined;

  constructor(code: FailureCode, message: string, { cause, detail, response }: FailureDetails = {}) {
    super(detail === undefined ? message : `${message}: ${detail}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.response = response;
  }
}

export function failure(code: keyof typeof clientFailures, details?: FailureDetails): WebSocketFailure {
  return new WebSocketFailure(code, clientFailures[code], details);
}

/** The failure over a rule for the server's response. */
export function handshakeFailure(code: HandshakeFailureCode, response: RefusedResponse): WebSocketFailure {
  const detail = code === 'STATUS' ? { detail: String(response.status) } : {};
  return new WebSocketFailure(code, handshakeFailures[code], { ...detail, response });
}

/** The failure over a rule of the protocol that the server broke. */
export function violationFailure(error: ConnectionError): WebSocketFailure {
  return new WebSocketFailure(error.code, error.message, { cause: error });
}

/** `error` if it is a failure already, otherwise the failure `code` with it as the cause. */
export function asFailure(error: unknown, code: keyof typeof clientFailures): WebSocketFailure {
  if (error instanceof WebSocketFailure) return error;
  return failure(code, { cause: error, detail: explain(error) });
}

/** In one line. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The message of OpenSSL is a line of its log, with the place in its source; the reason is what it means.
  if ('library' in error && 'reason' in error && typeof error.reason === 'string') return error.reason;
  // Where several addresses failed, Node's error has a code and no message.
  if (error.message === '' && 'code' in error) return String(error.code);
  return error.message.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}
