// A Ping of the heartbeat carries the time at which it was sent, and its Pong brings that back (RFC 6455, 5.5.3). So round
// trips are measured without a field in any socket. A peer may answer with another time, as it may answer late: what is
// measured is for watching, and nothing depends on it.

const LENGTH = 8;

/** So that nobody learns how long this process has been running. */
const origin = Math.floor(Math.random() * 2 ** 40);

/** The payload of a Ping that goes out now. */
export function stampedPing(): Uint8Array {
  const payload = new Uint8Array(LENGTH);
  new DataView(payload.buffer).setFloat64(0, origin + performance.now());
  return payload;
}

/**
 * Milliseconds since the Ping that this Pong answers, or `undefined` if it brings back no time that can be true.
 * @param limit the longest that is believed
 */
export function roundTripOf(payload: Uint8Array, limit: number): number | undefined {
  if (payload.length !== LENGTH) return undefined;
  const stamp = new DataView(payload.buffer, payload.byteOffset, LENGTH).getFloat64(0);
  const roundTrip = origin + performance.now() - stamp;
  return roundTrip >= 0 && roundTrip <= limit ? roundTrip : undefined;
}
