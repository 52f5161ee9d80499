import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { CloseEvent, ErrorEvent, OpenEvent, RefusedEvent } from '@tidewire/server';
import type { Logger } from 'pino';
import { pathOf } from './http.ts';

// What happens on the endpoints, as the server reports it on its diagnostics channels. What is said on a connection is
// nobody's business: no message, name, query or header but the Origin is ever logged.

/**
 * Logs what happens on these endpoints, and what is refused before it comes to one of the service's.
 * @returns what ends that
 */
export function logTraffic(log: Logger, endpoints: ReadonlyMap<unknown, string>): () => void {
  const channels: Readonly<Record<string, (event: unknown) => void>> = {
    'tidewire:server:open': (event) => {
      const { endpoint, socket } = event as OpenEvent;
      const name = endpoints.get(endpoint);
      if (name !== undefined) log.info({ endpoint: name, from: socket.remoteAddress }, 'connection opened');
    },
    'tidewire:server:close': (event) => {
      const { endpoint, socket, code, wasClean, error } = event as CloseEvent;
      const name = endpoints.get(endpoint);
      if (name === undefined) return;
      const details = { endpoint: name, from: socket.remoteAddress, code, wasClean, error: error?.message };
      log.info(details, 'connection closed');
    },
    'tidewire:server:refused': (event) => {
      const { endpoint, request, status, reason } = event as RefusedEvent;
      const name = endpoint === undefined ? undefined : endpoints.get(endpoint);
      if (endpoint !== undefined && name === undefined) return;
      const from = addressOf(request);
      const { origin } = request.headers;
      log.warn({ endpoint: name, path: pathOf(request), from, origin, status, reason }, 'handshake refused');
    },
    'tidewire:server:error': (event) => {
      const { endpoint, error } = event as ErrorEvent;
      const name = endpoints.get(endpoint);
      if (name !== undefined) log.error({ endpoint: name, err: error }, 'an endpoint failed');
    },
  };
  for (const [name, listener] of Object.entries(channels)) subscribe(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(channels)) unsubscribe(name, listener);
  };
}

function addressOf({ socket }: IncomingMessage): string | undefined {
  try {
    return socket.remoteAddress;
  } catch {
    // A connection of HTTP/2 that is gone says nothing any more.
    return undefined;
  }
}
