// The codes that clients get. Their numbers are those of Centrifugo's client protocol, which its SDKs act on.

/** Why a command failed. */
export const errorCodes = {
  INTERNAL: { code: 100, message: 'internal server error', isTemporary: true },
  UNAUTHORIZED: { code: 101, message: 'unauthorized', isTemporary: false },
  UNKNOWN_CHANNEL: { code: 102, message: 'unknown channel', isTemporary: false },
  PERMISSION_DENIED: { code: 103, message: 'permission denied', isTemporary: false },
  METHOD_NOT_FOUND: { code: 104, message: 'method not found', isTemporary: false },
  ALREADY_SUBSCRIBED: { code: 105, message: 'already subscribed', isTemporary: false },
  LIMIT_EXCEEDED: { code: 106, message: 'limit exceeded', isTemporary: false },
  BAD_REQUEST: { code: 107, message: 'bad request', isTemporary: false },
  NOT_AVAILABLE: { code: 108, message: 'not available', isTemporary: false },
  TOKEN_EXPIRED: { code: 109, message: 'token expired', isTemporary: false },
  EXPIRED: { code: 110, message: 'expired', isTemporary: false },
  TOO_MANY_REQUESTS: { code: 111, message: 'too many requests', isTemporary: true },
  UNRECOVERABLE_POSITION: { code: 112, message: 'unrecoverable position', isTemporary: false },
} as const;

export type ErrorName = keyof typeof errorCodes;

/** A command failed; the connection goes on. An application's hook may throw one with a code of its own, from 400 to 1999. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number;
  /** Whether the same command may succeed later. */
  readonly isTemporary: boolean;

  constructor(code: ErrorName | number, message?: string, isTemporary = false) {
    const known = typeof code === 'string' ? errorCodes[code] : undefined;
    super(message ?? known?.message ?? 'error');
    this.code = known?.code ?? (typeof code === 'number' ? code : errorCodes.INTERNAL.code);
    this.isTemporary = known?.isTemporary ?? isTemporary;
  }
}

/** Why a connection ends. Clients come back after 3000 to 3499 and 4000 to 4499, and not after 3500 to 3999 and 4500 to 4999. */
export const disconnectCodes = {
  CONNECTION_CLOSED: { code: 3000, reason: 'connection closed' },
  SHUTDOWN: { code: 3001, reason: 'shutdown' },
  SERVER_ERROR: { code: 3004, reason: 'internal server error' },
  EXPIRED: { code: 3005, reason: 'connection expired' },
  SUBSCRIPTION_EXPIRED: { code: 3006, reason: 'subscription expired' },
  SLOW: { code: 3008, reason: 'slow' },
  WRITE_ERROR: { code: 3009, reason: 'write error' },
  INSUFFICIENT_STATE: { code: 3010, reason: 'insufficient state' },
  FORCE_RECONNECT: { code: 3011, reason: 'force reconnect' },
  NO_PONG: { code: 3012, reason: 'no pong' },
  TOO_MANY_REQUESTS: { code: 3013, reason: 'too many requests' },
  INVALID_TOKEN: { code: 3500, reason: 'invalid token' },
  BAD_REQUEST: { code: 3501, reason: 'bad request' },
  STALE: { code: 3502, reason: 'stale' },
  FORCE_NO_RECONNECT: { code: 3503, reason: 'force disconnect' },
  CONNECTION_LIMIT: { code: 3504, reason: 'connection limit' },
  CHANNEL_LIMIT: { code: 3505, reason: 'channel limit' },
  INAPPROPRIATE_PROTOCOL: { code: 3506, reason: 'inappropriate protocol' },
  PERMISSION_DENIED: { code: 3507, reason: 'permission denied' },
  NOT_AVAILABLE: { code: 3508, reason: 'not available' },
  TOO_MANY_ERRORS: { code: 3509, reason: 'too many errors' },
} as const;

export interface Disconnect {
  readonly code: number;
  readonly reason: string;
}

/** Whether clients stay away after it. */
export function isFinal({ code }: Disconnect): boolean {
  return (code >= 3500 && code < 4000) || code >= 4500;
}

/** The connection is to end. An application's hook may throw one with a code of its own, from 4000 to 4999. */
export class DisconnectError extends Error {
  override readonly name = 'DisconnectError';
  readonly disconnect: Disconnect;

  constructor(disconnect: keyof typeof disconnectCodes | Disconnect) {
    const known = typeof disconnect === 'string' ? disconnectCodes[disconnect] : disconnect;
    super(known.reason);
    this.disconnect = known;
  }
}

/** Why a subscription ends. Clients subscribe again by themselves after 2500 and more. */
export const unsubscribeCodes = {
  CLIENT: { code: 0, reason: 'client unsubscribed' },
  DISCONNECT: { code: 1, reason: 'client disconnected' },
  SERVER: { code: 2000, reason: 'server unsubscribe' },
  INSUFFICIENT_STATE: { code: 2500, reason: 'insufficient state' },
  EXPIRED: { code: 2501, reason: 'subscription expired' },
} as const;

export type Unsubscribe = Disconnect;
