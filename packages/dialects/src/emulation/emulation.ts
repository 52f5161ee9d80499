import { isUtf8 } from 'node:buffer';
import { Alarm, Deadlines, readBody } from '@tidewire/node';
import { originRule } from '@tidewire/server';
import { centrifugeJson } from '../centrifuge-json/dialect.ts';
import { disconnectPush } from '../centrifuge-json/replies.ts';
import type { SessionHost } from '../line.ts';
import { resolveSessionOptions, type SessionOptions } from '../options.ts';
import { isRecord } from '../reading/fields.ts';
import { parse } from '../reading/parse.ts';
import { Session } from '../session.ts';
import { answer, hostOf, type Request, type Response, targetOf } from './http.ts';
import { type Delivery, EmulatedSessions, type Relay } from './sessions.ts';
import { type Framing, httpStream, StreamLine, serverSentEvents } from './stream-line.ts';

// Centrifugo's client protocol for clients that no WebSocket gets through to: the server's words are the answer to a request
// that goes on, and the client's commands come by requests of their own, to this node or any other of the hub.

export interface EmulationOptions extends SessionOptions {
  /** Default `/connection/http_stream`, `/connection/sse` and `/emulation`. */
  readonly paths?: { readonly httpStream?: string; readonly sse?: string; readonly emulation?: string } | undefined;
  /**
   * Which web pages may connect. `'same-host'`: those from the host and port that the request is for. A list: those with
   * one of these origins. A function: those for whose Origin it returns `true`, which is given the host of the request as well.
   * Others get 403. Default `'same-host'`.
   */
  readonly origin?:
    | 'same-host'
    | readonly string[]
    | ((origin: string, host: string) => boolean | Promise<boolean>)
    | undefined;
  /** Whether clients that send no Origin, and are no page of the same host, get 403. Default `false`. */
  readonly requireOrigin?: boolean | undefined;
  /** Sessions of this kind at a time; one more gets 503. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds that a client that is sent away has to take the last of its stream. Default 10,000; `false`: all it wants. */
  readonly closeTimeout?: number | false | undefined;
}

/** Room for what is around the commands of a request, and what JSON adds to them. */
const bodySize = (maxMessageSize: number) => 2 * maxMessageSize + 1024;

export class Emulation {
  readonly #host: SessionHost;
  readonly #relay: Relay;
  readonly #sessions: EmulatedSessions;
  readonly #requiresOrigin: boolean;
  readonly #maxConnections: number;
  readonly #closeTimeout: number;
  readonly #mayAsk: (origin: string, host: string) => boolean | Promise<boolean>;
  /** What serves a path, and how it is asked. */
  readonly #places: ReadonlyMap<string, Place>;

  /** @throws RangeError or TypeError naming the option that makes no sense; Error if the hub has an `Emulation` already */
  constructor(hub: SessionHost['hub'] & Relay, options: EmulationOptions = {}) {
    const { paths = {}, origin = 'same-host' } = options;
    const settings = resolveSessionOptions(options, 25_000);
    this.#host = { hub, dialect: centrifugeJson, settings, deadlines: new Deadlines() };
    this.#relay = hub;
    this.#sessions = new EmulatedSessions(hub);
    this.#requiresOrigin = options.requireOrigin === true;
    this.#maxConnections = atLeast('maxConnections', 0, options.maxConnections ?? Number.POSITIVE_INFINITY);
    this.#closeTimeout = atLeast(
      'closeTimeout',
      1,
      options.closeTimeout === false ? Number.POSITIVE_INFINITY : (options.closeTimeout ?? 10_000),
    );
    this.#mayAsk = typeof origin === 'function' ? origin : originRule(origin).allows;
    this.#places = new Map<string, Place>([
      [
        paths.httpStream ?? '/connection/http_stream',
        { method: 'POST', serve: (visit) => this.#openHttpStream(visit) },
      ],
      [paths.sse ?? '/connection/sse', { method: 'GET', serve: (visit) => this.#openServerSentEvents(visit) }],
      [paths.emulation ?? '/emulation', { method: 'POST', serve: (visit) => this.#take(visit) }],
    ]);
  }

  /** Sessions that are open. */
  get connectionCount(): number {
    return this.#sessions.size;
  }

  /** Serves a request. @returns `false` if it is for somebody else */
  handle(request: Request, response: Response): boolean {
    const { path, query } = targetOf(request);
    const place = this.#places.get(path);
    if (place === undefined) return false;
    const { origin } = request.headers;
    // Now: once a connection of HTTP/2 is gone, Node gives away nothing of its socket.
    const visit: Visit = {
      request,
      response,
      query,
      origin,
      remoteAddress: request.socket.remoteAddress,
      isGone: false,
    };
    response.on('close', () => {
      visit.isGone = true;
    });
    const admit = (mayAsk: boolean) => {
      if (!mayAsk) answer(response, 403, 'This page may not connect', undefined);
      else this.#serve(place, visit);
    };
    const may = this.#mayCome(request, origin);
    if (typeof may === 'boolean') admit(may);
    else may.then(admit, () => answer(response, 500, 'Something went wrong', undefined));
    return true;
  }

  #mayCome(request: Request, origin: string | undefined): boolean | Promise<boolean> {
    const { 'sec-fetch-site': site } = request.headers;
    if (origin !== undefined) return this.#mayAsk(origin, hostOf(request));
    if (isLedHere(request)) return false;
    return !this.#requiresOrigin || site === 'same-origin';
  }

  #serve({ method, serve }: Place, visit: Visit): void {
    const { request, response, origin } = visit;
    if (request.method === method) serve(visit);
    else if (request.method === 'OPTIONS' && origin !== undefined) {
      const permission = {
        'Access-Control-Allow-Methods': method,
        'Access-Control-Allow-Headers': 'Content-Type',
        'Access-Control-Max-Age': '86400',
      };
      answer(response, 204, '', origin, permission);
    } else answer(response, 405, `Only ${method} is possible here`, origin, { Allow: method });
  }

  // --- streams -------------------------------------------------------------------------------------------------------

  #openHttpStream(visit: Visit): void {
    this.#read(visit, this.#host.settings.maxMessageSize, (body) => this.#open(visit, httpStream, body));
  }

  #openServerSentEvents(visit: Visit): void {
    const commands = new URLSearchParams(visit.query).get('cf_connect') ?? '';
    if (commands !== '') this.#open(visit, serverSentEvents, commands);
    else answer(visit.response, 400, 'cf_connect must be a connect command', visit.origin);
  }

  #open({ request, response, origin, remoteAddress, isGone }: Visit, framing: Framing, commands: string): void {
    // While it was decided upon: nobody would hear of it again.
    if (isGone) return;
    if (this.connectionCount >= this.#maxConnections) {
      answer(response, 503, 'Too many connections', origin, { 'Retry-After': '1' });
      return;
    }
    const id = this.#sessions.createId();
    const { deadlines } = this.#host;
    const gone = () => {
      this.#sessions.delete(id);
      session.gone();
    };
    const options = { framing, origin, farewell: disconnectPush, deadlines, closeTimeout: this.#closeTimeout };
    const line = new StreamLine(response, options, gone, () => session.drained());
    const session: Session = new Session(this.#host, line, {
      remoteAddress,
      headers: request.headers,
      session: { id, node: this.#relay.node },
    });
    this.#sessions.add(id, session);
    session.receive(commands);
  }

  // --- commands ------------------------------------------------------------------------------------------------------

  #take(visit: Visit): void {
    const { response, origin } = visit;
    const { maxMessageSize } = this.#host.settings;
    this.#read(visit, bodySize(maxMessageSize), (body) => {
      const asked = readEmulationRequest(body);
      if (asked === undefined) answer(response, 400, 'session, node and data must be given, as strings', origin);
      else if (Buffer.byteLength(asked.data) > maxMessageSize)
        answer(response, 413, 'The commands are too long', origin);
      else {
        const done = (delivery: Delivery) => {
          const [status, text] = outcomes[delivery];
          answer(response, status, text, origin);
        };
        const failed = (error: unknown) => {
          this.#host.settings.observer.threw?.('emulation', error);
          done('failed');
        };
        this.#sessions.deliver(asked.node, asked.session, asked.data).then(done, failed);
      }
    });
  }

  #read({ request, response, origin }: Visit, size: number, then: (body: string) => void): void {
    const { deadlines, settings } = this.#host;
    const late = new Alarm(() => response.destroy());
    deadlines.set(late, settings.connectTimeout);
    response.on('close', () => deadlines.clear(late));
    readBody(request, { size, timeout: this.#closeTimeout, deadlines }, (body) => {
      deadlines.clear(late);
      if (body === 'TOO_LARGE') answer(response, 413, 'The body is too long', origin);
      else if (!isUtf8(body)) answer(response, 400, 'The body must be UTF-8', origin);
      else then(Buffer.from(body).toString());
    });
  }
}

/**
 * Whether it may be an image, a frame or a link of any page that has brought a browser here: such a request has the user's
 * cookies but no Origin, and could say what the maker of that page wants said.
 */
function isLedHere({ headers: { 'sec-fetch-mode': mode, 'sec-fetch-site': site, accept = '' } }: Request): boolean {
  if (mode === 'no-cors' || mode === 'navigate') return true;
  // Browsers that do not name the site ask for HTML when somebody is to look at it.
  return site === undefined ? /\btext\/html\b/i.test(accept) : site !== 'same-origin';
}

interface Place {
  readonly method: string;
  readonly serve: (visit: Visit) => void;
}

interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly query: string;
  readonly origin: string | undefined;
  readonly remoteAddress: string | undefined;
  isGone: boolean;
}

/** What SDKs act on: they open a new session after 404, and after 500 or more. */
const outcomes: Readonly<Record<Delivery, readonly [number, string]>> = {
  delivered: [204, ''],
  gone: [404, 'There is no such node'],
  failed: [503, 'The node does not answer'],
};

function atLeast(name: string, least: number, value: number): number {
  if (value >= least) return value;
  throw new RangeError(`${name} must be a number from ${least} on, not ${String(value)}`);
}

function readEmulationRequest(body: string): Record<'session' | 'node' | 'data', string> | undefined {
  const value = parse(body);
  if (!isRecord(value)) return undefined;
  const { session, node, data } = value;
  if (typeof session !== 'string' || typeof node !== 'string' || typeof data !== 'string') return undefined;
  return { session, node, data };
}
