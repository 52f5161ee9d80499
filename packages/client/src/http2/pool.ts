import type { ClientHttp2Session } from 'node:http2';
import type { TlsOptions } from '../options.ts';
import type { Dialled, DialledForHttp2, Place } from './dial.ts';
import { awaitOr, beginSession } from './session.ts';

// The connections of HTTP/2 that WebSockets share. A connection belongs to those that use it: it is made for the first,
// whoever comes before it is ready waits for the same one, and it is closed when the last has gone.

/** The use of a connection, until `leave` is called. */
export interface Lease {
  readonly session: ClientHttp2Session;
  leave(): void;
}

/** There is no WebSocket over HTTP/2 there. What was made on the way to find out may serve for HTTP/1.1. */
export interface NoLease {
  readonly session?: undefined;
  readonly dialled: Dialled | undefined;
}

const pool = new Set<SharedSession>();

/** @throws what `dial` throws; the reason of `signal` */
export async function leaseSession(
  place: Place,
  dial: (signal: AbortSignal) => Promise<DialledForHttp2>,
  signal: AbortSignal,
): Promise<Lease | NoLease> {
  for (;;) {
    signal.throwIfAborted();
    const shared = find(place) ?? new SharedSession(place, dial);
    const lease = await shared.lease(signal);
    // More have waited for it than it takes.
    if (lease !== undefined) return lease;
  }
}

function find(place: Place): SharedSession | undefined {
  for (const shared of pool) if (shared.takesMore && isSamePlace(shared.place, place)) return shared;
  return undefined;
}

class SharedSession {
  readonly place: Place;
  readonly #making = new AbortController();
  readonly #ready: Promise<ClientHttp2Session | undefined>;
  #session: ClientHttp2Session | undefined;
  #users = 0;
  #streams = 0;
  #leftover: Dialled | undefined;

  constructor(place: Place, dial: (signal: AbortSignal) => Promise<DialledForHttp2>) {
    this.place = place;
    pool.add(this);
    this.#ready = this.#make(dial);
    this.#ready.then(
      (session) => session ?? pool.delete(this),
      () => pool.delete(this),
    );
  }

  get takesMore(): boolean {
    const session = this.#session;
    // Until it is known how many streams there may be, all wait for it.
    if (session === undefined) return true;
    if (session.closed || session.destroyed) return false;
    return this.#streams < (session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY);
  }

  /** `undefined` if it takes no more, now that it is there. */
  async lease(signal: AbortSignal): Promise<Lease | NoLease | undefined> {
    this.#users++;
    try {
      const session = await awaitOr(this.#ready, signal);
      if (session === undefined) return { dialled: this.#takeLeftover() };
      if (!this.takesMore) return undefined;
      this.#users++;
      this.#streams++;
      let hasLeft = false;
      const leave = () => {
        if (hasLeft) return;
        hasLeft = true;
        this.#streams--;
        this.#leave();
      };
      return { session, leave };
    } finally {
      this.#leave();
    }
  }

  async #make(dial: (signal: AbortSignal) => Promise<DialledForHttp2>): Promise<ClientHttp2Session | undefined> {
    const { signal } = this.#making;
    const dialled = await dial(signal);
    if (!dialled.isHttp2) {
      this.#leftover = dialled;
      if (signal.aborted) this.#dropLeftover();
      return undefined;
    }
    try {
      this.#session = await beginSession(dialled.socket, this.place.origin, signal);
    } finally {
      dialled.release();
    }
    this.#session?.once('close', () => pool.delete(this));
    // Those who waited may have gone in between.
    if (signal.aborted) this.#session?.close();
    return this.#session;
  }

  #takeLeftover(): Dialled | undefined {
    const leftover = this.#leftover;
    this.#leftover = undefined;
    return leftover;
  }

  #dropLeftover(): void {
    const leftover = this.#takeLeftover();
    leftover?.socket.destroy();
    leftover?.release();
  }

  #leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    pool.delete(this);
    this.#making.abort(new Error('Nobody waits for the connection any more'));
    this.#dropLeftover();
    this.#session?.close();
  }
}

function isSamePlace(one: Place, other: Place): boolean {
  return (
    one.origin === other.origin &&
    one.way === other.way &&
    isSame(one.tls, other.tls) &&
    isSame(one.proxyTls, other.proxyTls)
  );
}

function isSame(one: TlsOptions, other: TlsOptions): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => Object.is(Reflect.get(one, name), Reflect.get(other, name)));
}
