import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { getRequestListener } from '@hono/node-server';
import type { Hub } from '@tidewire/hub';
import { type Live, pathOf, type Request, safeHeaders } from '../http.ts';
import { Api, type ApiOptions, type ApiWatcher, answerWith } from './api.ts';
import type { ApiKey, Grant, Keyring } from './keys.ts';
import type { ApiDocument } from './openapi.ts';
import { PROBLEM_TYPE, Problem } from './problems.ts';

// What brings requests to the API, over either version of HTTP.

/** The server API of a hub, for any HTTP server of Node. */
export interface ServerApi {
  /** The OpenAPI document, as it is served at /api/openapi.json. */
  readonly document: ApiDocument;
  /** Its keys as they are now. */
  readonly keyring: Keyring;
  /**
   * To be called with each request.
   * @returns whether it is for the API, which then answers it
   */
  handle(request: Request, response: AnyResponse): boolean;
  /** Takes other keys from now on. @throws RangeError naming the key that makes no sense; nothing has changed then */
  useKeys(keys: readonly ApiKey[]): void;
}

export type AnyResponse = ServerResponse | Http2ServerResponse;

const PREFIX = '/api/';

/** Of the pages: see handshakes.ts. */
const NOT_OURS = '/api/handshakes/';

function isForApi(path: string): boolean {
  return path.startsWith(PREFIX) && !path.startsWith(NOT_OURS);
}

/** On every answer. There is no CORS: pages of other origins have no business here. */
const headers: Readonly<Record<string, string>> = { ...safeHeaders, 'Cache-Control': 'no-store' };

/**
 * @param visitorOf who has logged in, and needs no key
 * @throws RangeError naming the option, or the key, that makes no sense
 */
export function createServerApi(
  hub: Hub,
  options: ApiOptions,
  watcher?: ApiWatcher,
  visitorOf?: (request: Request) => Grant | undefined,
): ServerApi {
  if (options.keys.length === 0) throw new RangeError('The option api.keys must have a key');
  const api = new Api(hub, options, watcher);
  const listener = getRequestListener((request, { incoming }) => api.fetch(request, visitorOf?.(incoming)), {
    // The process is the application's: its own Request and Response stay.
    overrideGlobalObjects: false,
    errorHandler: () => answerWith(new Problem('invalid-request', { detail: 'The target or the host is not valid.' })),
  });
  return {
    document: api.document,
    get keyring() {
      return api.keyring;
    },
    useKeys: (keys) => api.useKeys(keys),
    handle(request, response) {
      if (!isForApi(pathOf(request))) return false;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      void listener(request, response);
      return true;
    },
  };
}

/** Answers in place of an API that has no keys. */
export const noApi: Live = (path) => {
  if (!isForApi(path)) return undefined;
  const { status, details } = new Problem('not-found', { detail: 'The API is off, because it has no keys.' });
  const body = Buffer.from(JSON.stringify(details));
  return { status, headers: { 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store', Connection: 'close' }, body };
};
