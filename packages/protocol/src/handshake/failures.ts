// Why a client fails the connection over the server's response. Nothing of this is thrown.

/** Every rule for a server's response, by its stable code. */
export const handshakeFailures = {
  STATUS: 'The server did not accept: the status is not 101 (RFC 6455, 4.1), or 200 over HTTP/2 (RFC 8441, 5.1)',
  UPGRADE: 'There must be one Upgrade header, "websocket" (RFC 6455, 4.1)',
  CONNECTION: 'The Connection header must contain "Upgrade" (RFC 6455, 4.1)',
  ACCEPT: 'There must be one Sec-WebSocket-Accept header that answers the key (RFC 6455, 4.1)',
  SUBPROTOCOL: 'The server chose a subprotocol that the client had not asked for (RFC 6455, 4.1)',
  EXTENSIONS: 'Sec-WebSocket-Extensions is malformed (RFC 6455, 9.1)',
  EXTENSION_NOT_OFFERED: 'The server uses an extension that the client had not offered (RFC 6455, 4.1)',
  EXTENSION_REPEATED: 'The server answered permessage-deflate more than once (RFC 7692, 5.1)',
  DEFLATE_PARAMETERS: 'permessage-deflate has an unknown, repeated or invalid parameter (RFC 7692, 7.1)',
  DEFLATE_CONTEXT_TAKEOVER: 'The server did not agree to server_no_context_takeover (RFC 7692, 7.1.1.1)',
  DEFLATE_SERVER_WINDOW: 'The server did not agree to server_max_window_bits (RFC 7692, 7.1.2.1)',
  DEFLATE_CLIENT_WINDOW: 'The server set client_max_window_bits, which the client had not offered (RFC 7692, 7.1.2.2)',
  DEFLATE_WINDOW_UNSUPPORTED: 'The server set client_max_window_bits to less than the compressor here can keep to',
} as const;

export type HandshakeFailureCode = keyof typeof handshakeFailures;

export interface HandshakeFailure {
  readonly ok: false;
  /** Stable, one per rule: see `handshakeFailures`. */
  readonly code: HandshakeFailureCode;
  readonly message: string;
}

export function failHandshake(code: HandshakeFailureCode): HandshakeFailure {
  return { ok: false, code, message: handshakeFailures[code] };
}
