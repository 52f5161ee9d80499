// The codes of Centrifugo's client protocol: https://centrifugal.dev/docs/server/codes

/** Why a command failed. */
const errors: ReadonlyMap<number, string> = new Map([
  [100, 'internal server error'],
  [101, 'unauthorized'],
  [102, 'unknown channel'],
  [103, 'permission denied'],
  [104, 'method not found'],
  [105, 'already subscribed'],
  [106, 'limit exceeded'],
  [107, 'bad request'],
  [108, 'not available'],
  [109, 'token expired'],
  [110, 'expired'],
  [111, 'too many requests'],
  [112, 'unrecoverable position'],
]);

/** Why a connection ends: the codes of Close frames and of `disconnect`. */
const disconnects: ReadonlyMap<number, string> = new Map([
  [3000, 'connection closed'],
  [3001, 'shutdown'],
  [3004, 'internal server error'],
  [3005, 'connection expired'],
  [3006, 'subscription expired'],
  [3008, 'slow'],
  [3009, 'write error'],
  [3010, 'insufficient state'],
  [3011, 'force reconnect'],
  [3012, 'no pong'],
  [3013, 'too many requests'],
  [3500, 'invalid token'],
  [3501, 'bad request'],
  [3502, 'stale'],
  [3503, 'force disconnect'],
  [3504, 'connection limit'],
  [3505, 'channel limit'],
  [3506, 'inappropriate protocol'],
  [3507, 'permission denied'],
  [3508, 'not available'],
  [3509, 'too many errors'],
]);

/** Why a subscription ends. */
const unsubscribes: ReadonlyMap<number, string> = new Map([
  [0, 'client unsubscribed'],
  [1, 'client disconnected'],
  [2000, 'server unsubscribe'],
  [2500, 'insufficient state'],
  [2501, 'subscription expired'],
]);

export function centrifugoErrorMeaning(code: number): string | undefined {
  return errors.get(code) ?? (code >= 400 && code <= 1999 ? "the application's own" : undefined);
}

/** With what a client does then. */
export function centrifugoDisconnectMeaning(code: number): string | undefined {
  if (code < 3000 || code > 4999) return undefined;
  const meaning = disconnects.get(code) ?? (code >= 4000 ? "the application's own" : 'of the protocol');
  const isFinal = (code >= 3500 && code < 4000) || code >= 4500;
  return `${meaning}; the client ${isFinal ? 'stays away' : 'connects again'}`;
}

/** With what a client does then. */
export function centrifugoUnsubscribeMeaning(code: number): string | undefined {
  const meaning = unsubscribes.get(code);
  if (meaning === undefined || code < 2000) return meaning;
  return `${meaning}; the client ${code >= 2500 ? 'subscribes again' : 'does not subscribe again'}`;
}
