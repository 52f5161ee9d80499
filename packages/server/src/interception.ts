import type { EventEmitter } from 'node:events';

/**
 * Has `intercept` decide on every event of an emitter in place of `emit`; `pass` tells the listeners, and returns whether
 * there are any. Listeners cannot do that: all of them see every event, and an application may add its own at any time.
 * Returns what ends it.
 */
export function interceptEvents(
  emitter: EventEmitter,
  intercept: (event: readonly unknown[], pass: () => boolean) => boolean,
): () => void {
  const isOwn = Object.hasOwn(emitter, 'emit');
  const { emit } = emitter;
  let isOver = false;
  const wrapper = (...event: unknown[]): boolean => {
    const pass = (): boolean => Reflect.apply(emit, emitter, event);
    return isOver ? pass() : intercept(event, pass);
  };
  define(emitter, wrapper);
  return () => {
    isOver = true;
    // Whoever has done the same since relies on this one.
    if (Reflect.get(emitter, 'emit') !== wrapper) return;
    if (isOwn) define(emitter, emit);
    else Reflect.deleteProperty(emitter, 'emit');
  };
}

function define(emitter: EventEmitter, emit: unknown): void {
  Object.defineProperty(emitter, 'emit', { value: emit, configurable: true, writable: true });
}
