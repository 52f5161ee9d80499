import {
  type Clock,
  type ReconnectingEvent,
  ReconnectingWebSocket,
  type ReconnectingWebSocketOptions,
  type UrlSource,
} from '@tidewire/client';
import { afterThisTest } from './servers.ts';

/** Time that passes when it is told to. */
export class FakeClock implements Clock {
  readonly #timers = new Map<object, { at: number; act: () => void }>();
  #now = 1000;

  now(): number {
    return this.#now;
  }

  setTimeout(act: () => void, milliseconds: number): unknown {
    const timer = {};
    this.#timers.set(timer, { at: this.#now + milliseconds, act });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (typeof timer === 'object' && timer !== null) this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [timer, { at, act }] of [...this.#timers]) {
      if (at <= this.#now && this.#timers.delete(timer)) act();
    }
  }
}

/** A WebSocket that reconnects by `clock` and by a die that always shows the same, and is gone after the test. */
export function reconnecting(
  url: UrlSource,
  options: ReconnectingWebSocketOptions = {},
  protocols: string | string[] = [],
): { socket: ReconnectingWebSocket; clock: FakeClock; states: string[] } {
  const clock = new FakeClock();
  const socket = new ReconnectingWebSocket(url, protocols, { clock, random: () => 1, ...options });
  const states: string[] = [];
  socket.addEventListener('statechange', () => states.push(socket.state));
  afterThisTest(() => socket.close());
  return { socket, clock, states };
}

export function reconnectingOf(socket: ReconnectingWebSocket): Promise<ReconnectingEvent> {
  return new Promise((resolve) => socket.addEventListener('reconnecting', resolve, { once: true }));
}

export function eventOf<E extends Event>(socket: EventTarget, type: string): Promise<E> {
  return new Promise((resolve) => socket.addEventListener(type, (event) => resolve(event as E), { once: true }));
}
