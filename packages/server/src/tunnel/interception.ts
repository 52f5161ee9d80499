import { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '../attachment.ts';

/**
 * Has `takes` asked about every request before the server's own listeners are, and keeps from those what it takes. Listeners
 * cannot do that: all of them see every request, and an application may add its own at any time. Returns what ends it.
 */
export function interceptRequests(
  server: HttpServer,
  takes: (request: IncomingMessage, response: ServerResponse) => boolean,
): () => void {
  const before: unknown = Object.hasOwn(server, 'emit') ? Reflect.get(server, 'emit') : undefined;
  const { emit } = server;
  const intercept = (...event: unknown[]): boolean => {
    const [name, request, response] = event;
    if (name === 'request' && request instanceof IncomingMessage && response instanceof ServerResponse) {
      if (takes(request, response)) return true;
    }
    return Reflect.apply(emit, server, event);
  };
  define(server, intercept);
  return () => {
    // Whoever has done the same since relies on this one.
    if (Reflect.get(server, 'emit') !== intercept) return;
    if (before === undefined) Reflect.deleteProperty(server, 'emit');
    else define(server, before);
  };
}

function define(server: HttpServer, value: unknown): void {
  Object.defineProperty(server, 'emit', { value, configurable: true, writable: true });
}
