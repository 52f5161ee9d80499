import { isSameHost, type WebSocketEndpoint } from '@tidewire/server';
import { type Live, type Request, type Response, text } from '../http.ts';
import type { ServiceServer } from '../listening.ts';
import type { EndpointLimits } from '../options.ts';
import { isFromHere } from '../same-origin.ts';
import { createControl } from './control.ts';
import { lastKnown } from './message-log.ts';
import { answerLongPoll, answerPoll } from './polling.ts';
import type { Run } from './run.ts';
import { Runs } from './runs.ts';
import { answerWithStream } from './streaming.ts';
import { createSocketLane, withoutDot } from './web-socket.ts';
import { watchRequests } from './wire-meter.ts';

export interface RaceOptions extends EndpointLimits {
  /** Further origins whose pages may race, beside those of the host that serves the page. */
  readonly origins?: readonly string[] | undefined;
}

type AnswerLane = (run: Run, request: Request, response: Response, after: number) => void;

const lanes: Readonly<Record<string, AnswerLane>> = {
  '/race/polling': answerPoll,
  '/race/long-polling': answerLongPoll,
  '/race/events': (...request) => answerWithStream('events', ...request),
  '/race/stream': (...request) => answerWithStream('stream', ...request),
};

/**
 * The transport race: a page has the server send it one stream of messages over every way there is, side by side. Each
 * run has an id that its page learns on the control connection, and that the requests of its lanes name.
 */
export class Race {
  readonly control: Pick<WebSocketEndpoint<never>, 'attach' | 'drain' | 'close' | 'connectionCount'>;
  readonly socketLane: Pick<WebSocketEndpoint<never>, 'attach' | 'drain' | 'close' | 'connectionCount'>;
  readonly #runs = new Runs();

  constructor(options: RaceOptions) {
    const allowed = new Set(options.origins);
    // With a dot at its end it is the same name (RFC 1034, 3.1), by which the page asks for a connection of its own.
    const origin = (from: string, { host }: { readonly host: string }) =>
      isSameHost(from, withoutDot(host)) || allowed.has(from);
    this.control = createControl(this.#runs, origin, options);
    this.socketLane = createSocketLane(this.#runs, origin, options);
  }

  /** To be called before other listeners are on the server, whose sockets it measures. */
  watch(server: ServiceServer): void {
    watchRequests(server);
  }

  /** Serves a GET of a lane, or says what to answer instead; `undefined` if the path is none of a lane. */
  readonly serve: Live = (path, request, response) => {
    const answerLane = Object.hasOwn(lanes, path) ? lanes[path] : undefined;
    if (answerLane === undefined) return undefined;
    if (request.method !== 'GET') return text(405, 'Only GET is possible here.', { Allow: 'GET' });
    if (!isFromHere(request)) return text(403, 'Only pages of this server may race.');
    const query = new URLSearchParams(request.url?.split('?', 2)[1]);
    const run = this.#runs.find(query.get('run'));
    if (run === undefined) return text(404, 'There is no such run.');
    if (!run.requests.take(1)) return text(429, 'Not so fast.');
    answerLane(run, request, response, lastKnown(request.headers['last-event-id']) || lastKnown(query.get('after')));
    return 'served';
  };
}
