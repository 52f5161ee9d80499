import {
  MESSAGE_NUMBER_SIZE,
  MESSAGES_SUBPROTOCOL,
  MessageKind,
  refusalBody,
  type TunnelAnswer,
  type TunnelRefusalCode,
  tunnelRefusals,
} from '@tidewire/tunnel';
import type { EndpointOptions } from '../options.ts';
import type { Socket } from '../socket.ts';
import type { TunnelStream } from './tunnel-stream.ts';
import { readTunnelTarget } from './tunnel-target.ts';

// The requests of a tunnel over a WebSocket, when one gets through after all: PROTOCOL.md of packages/tunnel, section 11.
// Each message is a request, or a part of an answer, with the number of the request in front. The session cannot tell.

/** A tunnel that requests may be made to. */
export interface RequestedTunnel {
  readonly stream: TunnelStream;
  /** Of the page that has opened it. */
  readonly origin: string | undefined;
  /** Those over which its requests come. */
  readonly sockets: Set<Socket<RequestSocket>>;
}

/** What such a socket knows. */
export interface RequestSocket {
  readonly tunnel: RequestedTunnel;
  /** The answers that are held. */
  readonly answers: Set<TunnelAnswer>;
  /** Whether its client has shown that it knows the key. */
  isKnown: boolean;
}

/** One that takes over, and one that is about to go. */
const MAX_SOCKETS = 2;

const encoder = new TextEncoder();

/**
 * @param maxBodySize in bytes
 * @param closeTimeout in milliseconds, `Infinity` for never
 */
export function requestSockets(
  find: (session: string) => RequestedTunnel | undefined,
  maxBodySize: number,
  closeTimeout: number,
): EndpointOptions<RequestSocket> {
  return {
    tunnel: false,
    closeTimeout,
    // The page's origin is compared with that of the opening.
    origin: () => true,
    subprotocols: [MESSAGES_SUBPROTOCOL],
    limits: { maxMessageSize: maxBodySize + MESSAGE_NUMBER_SIZE },
    upgrade(request) {
      const tunnel = find(readTunnelTarget(request.incoming.url ?? '')?.session ?? '');
      if (tunnel === undefined) return request.reject(404);
      if (tunnel.origin !== request.origin) return request.reject(403);
      if (tunnel.sockets.size >= MAX_SOCKETS && !makeRoom(tunnel.sockets)) return request.reject(429);
      return { data: { tunnel, answers: new Set(), isKnown: false } };
    },
    open(socket) {
      const { tunnel } = socket.data;
      tunnel.sockets.add(socket);
      if (tunnel.stream.destroyed) socket.close(1000);
    },
    message(socket, message) {
      const { tunnel, answers } = socket.data;
      const { session } = tunnel.stream;
      if (typeof message === 'string' || message.length < MESSAGE_NUMBER_SIZE) {
        socket.close(1003);
        return;
      }
      const answer = new MessageAnswer(socket, message.slice(0, MESSAGE_NUMBER_SIZE), () => answers.delete(answer));
      answers.add(answer);
      const body = message.subarray(MESSAGE_NUMBER_SIZE);
      socket.data.isKnown ||= session?.recognizes(body) === true;
      if (session === undefined) answer.refuse('UNKNOWN_SESSION');
      else session.request(body, answer);
    },
    close(socket) {
      const { tunnel, answers } = socket.data;
      tunnel.sockets.delete(socket);
      for (const answer of answers) tunnel.stream.session?.detached(answer);
    },
  };
}

/** Cuts one of which nobody knows whose it is: the id of a session is no secret. Returns whether there was one. */
function makeRoom(sockets: Set<Socket<RequestSocket>>): boolean {
  const stranger = [...sockets].find(({ data }) => !data.isKnown);
  stranger?.terminate();
  return stranger !== undefined && sockets.delete(stranger);
}

class MessageAnswer implements TunnelAnswer {
  readonly #socket: Socket<RequestSocket>;
  readonly #number: Uint8Array;
  readonly #ended: () => void;

  constructor(socket: Socket<RequestSocket>, number: Uint8Array, ended: () => void) {
    this.#socket = socket;
    this.#number = number;
    this.#ended = ended;
  }

  write(bytes: Uint8Array): void {
    this.#send(MessageKind.PART, bytes);
  }

  end(bytes: Uint8Array): void {
    this.#send(MessageKind.LAST_PART, bytes);
    this.#ended();
  }

  refuse(code: TunnelRefusalCode): void {
    const { status } = tunnelRefusals[code];
    this.#send(MessageKind.REFUSAL, Uint8Array.of(status >> 8, status, ...encoder.encode(refusalBody(code))));
    this.#ended();
    // Whoever does not know the key has no business here.
    if (code === 'UNKNOWN_SESSION') this.#socket.close(1008);
  }

  #send(kind: number, bytes: Uint8Array): void {
    const message = new Uint8Array(1 + MESSAGE_NUMBER_SIZE + bytes.length);
    message[0] = kind;
    message.set(this.#number, 1);
    message.set(bytes, 1 + MESSAGE_NUMBER_SIZE);
    // A part that is missing would never be missed: what came without it is not to be believed.
    if (this.#socket.send(message) === 'refused') this.#socket.terminate();
  }
}
