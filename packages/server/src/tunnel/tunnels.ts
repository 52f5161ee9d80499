import type { IncomingMessage } from 'node:http';
import { type Deadlines, nodePlatform } from '@tidewire/node';
import { HeaderList } from '@tidewire/protocol';
import {
  createIdentity,
  MAX_OPENING_SIZE,
  openingAnswer,
  readOpeningRequest,
  type TunnelParameters,
  type TunnelRefusalCode,
} from '@tidewire/tunnel';
import type { Exchange } from '../exchange.ts';
import { permit, ResponseAnswer, refuse } from './answers.ts';
import type { Reply, TunnelRequest } from './reply.ts';
import { type BodyLimits, readBody } from './request-body.ts';
import type { RequestedTunnel } from './request-socket.ts';
import { TunnelExchange } from './tunnel-exchange.ts';
import { TunnelStream } from './tunnel-stream.ts';
import type { TunnelTarget } from './tunnel-target.ts';

// The tunnels of an endpoint: an opening goes the way that a handshake goes, and any other request to the session that it
// names. PROTOCOL.md of packages/tunnel says what is asked and answered.

/** How many requests of a session may be on their way in, beside the one that is held. */
const MAX_UPLOADS = 4;
/** How many answers of a session may wait for their client to take them. A client that works as it should has 3. */
const MAX_UNREAD = 8;

/** A tunnel that is open. */
interface Entry extends RequestedTunnel {
  readonly unread: Set<Reply>;
  uploads: number;
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
    else if (refusal !== undefined) refuse(reply, refusal, origin);
    else if (session === 'open') this.#open(request, target, headers);
    else this.#serve(request, this.#sessions.get(session), origin);
  }

  // --- openings ------------------------------------------------------------------------------------------------------

  #open({ incoming, body: brings, reply }: TunnelRequest, target: string, headers: HeaderList): void {
    const origin = headers.get('Origin');
    const [host, ...more] = headers.all('Host');
    // Now: once a connection of HTTP/2 is gone, Node gives away nothing of its socket.
    const { remoteAddress = '' } = incoming.socket;
    if (host === undefined || more.length > 0 || headers.all('Origin').length > 1) {
      refuse(reply, 'MALFORMED', undefined);
      return;
    }
    readBody(brings, this.#bodyLimits(MAX_OPENING_SIZE), (body) => {
      const asked = body === 'TOO_LARGE' ? body : readOpeningRequest(body, nodePlatform);
      if (typeof asked === 'string') {
        refuse(reply, asked, undefined);
        return;
      }
      const stream = new TunnelStream(this.#host.deadlines);
      if (!this.#count(remoteAddress, stream)) {
        refuse(reply, 'TOO_MANY_REQUESTS', undefined);
        return;
      }
      const opening = { incoming, response: reply, target, host, origin, subprotocols: asked.subprotocols };
      this.#host.admit(new TunnelExchange(opening, stream, (subprotocol) => this.#begin(stream, origin, subprotocol)));
    });
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
    const entry: Entry = { stream, origin, unread: new Set(), sockets: new Set(), uploads: 0 };
    this.#sessions.set(identity.id, entry);
    stream.once('close', () => {
      this.#sessions.delete(identity.id);
      for (const socket of entry.sockets) socket.close(1000);
    });
    stream.begin(identity, parameters);
    return openingAnswer({ ...identity, subprotocol, parameters });
  }

  // --- all other requests --------------------------------------------------------------------------------------------

  #serve({ body: brings, reply }: TunnelRequest, entry: Entry | undefined, origin: string | undefined): void {
    const session = entry?.stream.session;
    if (entry === undefined || session === undefined) {
      refuse(reply, 'UNKNOWN_SESSION', origin);
    } else if (entry.origin !== origin) {
      refuse(reply, 'FOREIGN_ORIGIN', origin);
    } else if (entry.uploads >= MAX_UPLOADS) {
      refuse(reply, 'TOO_MANY_REQUESTS', origin);
    } else {
      const answer = new ResponseAnswer(reply, origin, (unread) => keepFew(entry.unread, unread));
      let isUploading = true;
      const uploaded = () => {
        if (isUploading) entry.uploads--;
        isUploading = false;
      };
      entry.uploads++;
      reply.on('close', () => {
        uploaded();
        entry.unread.delete(reply);
        session.detached(answer);
      });
      readBody(brings, this.#bodyLimits(this.#host.limits.parameters.maxBodySize), (body) => {
        uploaded();
        if (body === 'TOO_LARGE') answer.refuse(body);
        else session.request(body, answer);
      });
    }
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

/** What waits for longest is of least interest: the client has asked for something else since. */
function keepFew(unread: Set<Reply>, reply: Reply): void {
  unread.add(reply);
  const [oldest] = unread;
  if (unread.size > MAX_UNREAD) oldest?.destroy();
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
