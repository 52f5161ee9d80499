import type { DrainOptions, WebSocketEndpoint } from '@tidewire/server';
import type { Live, Resource } from './http.ts';
import type { ServiceServer } from './listening.ts';
import type { ServiceOptions } from './options.ts';

// A service is put together of parts. Each is made by a file of its own, and brings what it has: places for WebSockets, answers
// to requests, and what is to be done when the service begins, changes and ends.

export interface Part {
  readonly places?: readonly Place[] | undefined;
  readonly resources?: readonly Resource[] | undefined;
  readonly live?: readonly Live[] | undefined;
  /** Called with the server before anything else listens to it. */
  watch?(server: ServiceServer): void;
  /** Clients that are not at a place, by a name for each kind. */
  counts?(): Readonly<Record<string, number>>;
  /** Before the service listens, in the order of the parts. If it rejects, the service does not start. */
  start?(): Promise<void>;
  /** Why the part cannot serve at present, in a few words; `undefined` if it can. Asked by GET /health/ready. */
  trouble?(): string | undefined;
  /** Takes over what can change while the service runs; the rest is not looked at. */
  reconfigure?(options: ServiceOptions): void;
  /** Sends away clients that are not at a place. Called again, with less time, it hurries. */
  drain?(leaving: Leaving): Promise<void>;
  /** When all clients are gone, in the reverse order of the parts. Never rejects. */
  stop?(): Promise<void>;
}

/** Where a WebSocket endpoint is. */
export interface Place {
  /** As /health and the log call it. */
  readonly name: string;
  /** `undefined` for everywhere. */
  readonly path: string | undefined;
  /** Whether it is of use to people who have a client of their own. */
  readonly isListed: boolean;
  readonly endpoint: Pick<WebSocketEndpoint<never>, 'attach' | 'connectionCount'>;
  /** Sends its clients away and takes no more. Called again, with less time, it hurries. */
  drain(options: Leaving): Promise<void>;
}

/** How clients are sent away. */
export type Leaving = Required<Pick<DrainOptions, 'within' | 'timeout'>>;

/** @param endpoint whose clients are closed with 1001 when the service ends */
export function place(
  name: string,
  path: string | undefined,
  endpoint: Pick<WebSocketEndpoint<never>, 'attach' | 'connectionCount' | 'drain' | 'close'>,
  isListed = true,
): Place {
  return { name, path, isListed, endpoint, drain: (leaving) => sendAway(endpoint, leaving) };
}

const REASON = 'The server is shutting down';

/** @param code default 1001 */
export function sendAway(
  endpoint: Pick<WebSocketEndpoint<never>, 'drain' | 'close'>,
  { within, timeout }: Leaving,
  code?: number,
  reason = REASON,
): Promise<void> {
  if (within === 0) return endpoint.close({ timeout, code, reason });
  return endpoint.drain({ within, timeout, code, reason });
}
