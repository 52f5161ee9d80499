import { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '../attachment.ts';
import { interceptEvents } from '../interception.ts';

/**
 * Has `takes` asked about every request before the server's own listeners are, and keeps from those what it takes. Returns
 * what ends it.
 */
export function interceptRequests(
  server: HttpServer,
  takes: (request: IncomingMessage, response: ServerResponse) => boolean,
): () => void {
  return interceptEvents(server, ([name, request, response], pass) => {
    const isRequest = name === 'request' && request instanceof IncomingMessage && response instanceof ServerResponse;
    return (isRequest && takes(request, response)) || pass();
  });
}
