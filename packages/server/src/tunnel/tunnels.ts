import type { IncomingMessage } from 'node:http';
import { type BodyLimits, type Deadlines, nodePlatform, readBody } from '@tidewire/node';
import { HeaderList } from '@tidewire/protocol';
import {
  createIdentity,
  MAX_OPENING_SIZE,
  openingAnswer,
  readOpeningRequest,
  type TunnelParameters,
  type TunnelRefusalCode,
  type TunnelServerSession,
  tunnelRefusals,
} from '@tidewire/tunnel';
import type { Exchange } from '../exchange.ts';
import type { RefusedReason } from '../refusal.ts';
import { permit, ResponseAnswer, refuse } from './answers.ts';
import type { Reply, TunnelRequest } from './reply.ts';
import type { RequestedTunnel } from './request-socket.ts';
import { Traffic } from './traffic.ts';
import { TunnelExchange } from './tunnel-exchange.ts';
import { TunnelStream } from './tunnel-stream.ts';
import type { TunnelTarget } from './tunnel-target.ts';

// The tunnels of an endpoint: an opening goes the way that a handshake goes, and any other request to the session that it
// names. PROTOCOL.md of packages/tunnel says what is asked and answered.

/** A tunnel that is open. */
interface Entry extends RequestedTunnel {
  readonly traffic: Traffic;
}

export interface TunnelLimits {
  readonly parameters: TunnelParameters;
  /** `Infinity` for none. */
  readonly maxSessionsPerAddress: number;
}

/** The endpoint, as far as its tunnels need it. */
export interface TunnelHost {
  readonly limits: TunnelLimits;
  readonly deadlines: Deadlines;
  /** How long a client that was refused may go on sending, in milliseconds. */
  readonly timeout: number;
  /** Whether a page of this origin may open a tunnel, or may try. */
  mayAsk(origin: string, host: string): boolean;
  admit(exchange: Exchange): void;
  /** An opening was refused before it came to that. */
  refused(request: IncomingMessage, status: number, reason: RefusedReason): void;
}

export class Tunnels {
  readonly #host: TunnelHost;
  readonly #sessions = new Map<string, Entry>();
  /** Tunnels that are open or opening, by the address that they come from. */
  readonly #counts = new Map<string, number>();

  constructor(host: TunnelHost) {
    this.#host = host;
  }

  find(session: string): RequestedTunnel | undefined {
    return this.#sessions.get(session);
  }

  take(request: TunnelRequest, { target, session }: TunnelTarget): void {
    const { incoming, reply } = request;
    const headers = new HeaderList(incoming.rawHeaders);
    const origin = headers.get('Origin');
    // The server's `timeout` is for silence that is not meant. Node sets it again for the next request.
    if (incoming.socket.timeout) incoming.socket.setTimeout(0);
    const refusal = refusedByItsHead(incoming, headers);
    if (isPreflight(incoming, headers)) this.#preflight(reply, session, headers);
    else if (session !== 'open') this.#serve(request, this.#sessions.get(session), origin, refusal);
    else if (refusal !== undefined) this.#refuseOpening(request, refusal, origin);
    else this.#open(request, target, headers);
  }

  // --- openings ------------------------------------------------------------------------------------------------------

  #open(request: TunnelRequest, target: string, headers: HeaderList): void {
    const { incoming, body: brings, reply } = request;
    const origin = headers.get('Origin');
    const [host, ...more] = headers.all('Host');
    // Now: once a connection of HTTP/2 is gone, Node gives away nothing of its socket.
    const { remoteAddress = '' } = incoming.socket;
    if (host === undefined || more.length > 0 || headers.all('Origin').length > 1) {
      this.#refuseOpening(request, 'MALFORMED');
      return;
    }
    readBody(brings, this.#bodyLimits(MAX_OPENING_SIZE), (body) => {
      const asked = body === 'TOO_LARGE' ? body : readOpeningRequest(body, nodePlatform);
      if (typeof asked === 'string') {
        this.#refuseOpening(request, asked);
        return;
      }
      const stream = new TunnelStream(this.#host.deadlines);
      if (!this.#count(remoteAddress, stream)) {
        this.#refuseOpening(request, 'TOO_MANY_REQUESTS');
        return;
      }
      const opening = { incoming, response: reply, target, host, origin, subprotocols: asked.subprotocols };
      this.#host.admit(new TunnelExchange(opening, stream, (subprotocol) => this.#begin(stream, origin, subprotocol)));
    });
  }

  #refuseOpening({ incoming, reply }: TunnelRequest, code: TunnelRefusalCode, origin?: string): void {
    this.#host.refused(incoming, tunnelRefusals[code].status, code);
    refuse(reply, code, origin);
  }

  /** Counts a tunnel until its stream is gone. Returns whether it may be. */
  #count(address: string, stream: TunnelStream): boolean {
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#host.limits.maxSessionsPerAddress) return false;
    this.#counts.set(address, count + 1);
    stream.once('close', () => {
      const left = (this.#counts.get(address) ?? 0) - 1;
      if (left > 0) this.#counts.set(address, left);
      else this.#counts.delete(address);
    });
    return true;
  }

  #begin(stream: TunnelStream, origin: string | undefined, subprotocol: string): string {
    const { parameters } = this.#host.limits;
    const identity = createIdentity(nodePlatform);
    const entry: Entry = { stream, origin, sockets: new Set(), traffic: new Traffic() };
    this.#sessions.set(identity.id, entry);
    stream.once('close', () => {
      this.#sessions.delete(identity.id);
      for (const socket of entry.sockets) socket.close(1000);
    });
    stream.begin(identity, parameters);
    return openingAnswer({ ...identity, subprotocol, parameters });
  }

  // --- all other requests --------------------------------------------------------------------------------------------

  #serve(
    request: TunnelRequest,
    entry: Entry | undefined,
    origin: string | undefined,
    refusal: TunnelRefusalCode | undefined,
  ): void {
    const session = entry?.stream.session;
    if (refusal !== undefined) refuse(request.reply, refusal, origin);
    else if (entry === undefined || session === undefined) refuse(request.reply, 'UNKNOWN_SESSION', origin);
    else if (entry.origin !== origin) refuse(request.reply, 'FOREIGN_ORIGIN', origin);
    else this.#upload(request, entry, session);
  }

  #upload(request: TunnelRequest, entry: Entry, session: TunnelServerSession): void {
    const { body: brings, reply } = request;
    const { traffic } = entry;
    const answer = new ResponseAnswer(reply, entry.origin, () => traffic.answered(request));
    const upload = traffic.upload();
    // A reply that waits behind another hears nothing of the end of its connection.
    brings.on('close', () => upload.end());
    reply.on('close', () => {
      traffic.taken(request);
      session.detached(answer);
    });
    let isOneTooMany = false;
    const take = (body: Uint8Array | 'TOO_LARGE') => {
      upload.end();
      // More may have been pipelined before the connection was cut.
      if (isOneTooMany || request.isGone()) return;
      if (body === 'TOO_LARGE') answer.refuse(body);
      else session.request(body, answer);
    };
    readBody(brings, this.#bodyLimits(this.#host.limits.parameters.maxBodySize), take, (beginning) => {
      // Whoever knows the id alone can hold no place of the session.
      const isKnown = session.recognizes(beginning);
      if (isKnown !== true) return isKnown;
      isOneTooMany = !upload.begin();
      if (isOneTooMany) answer.refuse('TOO_MANY_REQUESTS');
      return !isOneTooMany;
    });
  }

  #bodyLimits(size: number): BodyLimits {
    const { deadlines, timeout } = this.#host;
    return { size, timeout, deadlines };
  }

  #preflight(reply: Reply, session: string, headers: HeaderList): void {
    const origin = headers.get('Origin') ?? '';
    const entry = this.#sessions.get(session);
    const mayAsk =
      session === 'open'
        ? this.#host.mayAsk(origin, headers.get('Host') ?? '')
        : // That a session is unknown anybody may learn.
          entry === undefined || entry.origin === origin;
    if (mayAsk) permit(reply, origin);
    else refuse(reply, 'FOREIGN_ORIGIN', origin);
  }
}

function isPreflight({ method }: IncomingMessage, headers: HeaderList): boolean {
  return method === 'OPTIONS' && headers.has('Origin') && headers.has('Access-Control-Request-Method');
}

/** What is wrong with a request before its body is read. */
function refusedByItsHead({ method }: IncomingMessage, headers: HeaderList): TunnelRefusalCode | undefined {
  if (method !== 'POST') return 'METHOD';
  const type = headers.get('Content-Type') ?? '';
  return /^text\/plain(?:;|$)/i.test(type) ? undefined : 'CONTENT_TYPE';
}
