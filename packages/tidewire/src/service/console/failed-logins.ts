// How often an address may fail to log in: a handful of times at once, and then once in a while. Whoever has failed too often is not
// listened to until then, also with a key that is right.

/** Failures at once. */
const BURST = 10;

/** Until one more is possible, in milliseconds. */
const INTERVAL = 6000;

/** Addresses that are counted; of more, the one that has failed longest ago is forgotten. */
const ADDRESSES = 1000;

export class FailedLogins {
  /** When all failures of an address are forgotten, in milliseconds: an interval after now for each. */
  readonly #until = new Map<string, number>();

  /** How long the address has to wait, in milliseconds; 0 if it may try. */
  wait(address: string, now: number): number {
    return Math.max(0, (this.#until.get(network(address)) ?? now) - now - (BURST - 1) * INTERVAL);
  }

  add(address: string, now: number): void {
    const key = network(address);
    const until = Math.max(this.#until.get(key) ?? now, now) + INTERVAL;
    this.#until.delete(key);
    const [oldest] = this.#until.keys();
    if (this.#until.size >= ADDRESSES && oldest !== undefined) this.#until.delete(oldest);
    this.#until.set(key, until);
  }
}

/** Of version 6 somebody has a whole network: the first 64 bits (RFC 6177, 2). */
function network(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::', 2);
  const front = head.split(':');
  const zeros = tail === undefined ? 0 : 8 - front.length - tail.split(':').length;
  return [...front, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .join(':');
}
