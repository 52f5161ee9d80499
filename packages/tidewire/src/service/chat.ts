import { randomUUID } from 'node:crypto';
import {
  type ClientImage,
  type ClientMessage,
  chatLimits,
  decodeClientMessage,
  encodeServerMessage,
  type Member,
  type ServerText,
} from '@tidewire/console/chat-messages';
import { isSameHost, type Socket, WebSocketEndpoint } from '@tidewire/server';
import { commonSettings, defaults, type EndpointLimits } from './options.ts';
import { Rate } from './rate.ts';

// One room. What is said in it is spoken in the messages of @tidewire/console/chat-messages, and goes out over one topic.

export interface ChatOptions extends EndpointLimits {
  /** Further origins whose pages may join, beside those of the host that serves the page. */
  readonly origins?: readonly string[] | undefined;
  /** The largest image, in bytes. Default 2 MiB. */
  readonly maxImage?: number | undefined;
  /** Default 1000. */
  readonly maxMembers?: number | undefined;
  /** Messages per second that one member may send, on average. Default 10. */
  readonly rate?: number | undefined;
}

interface Guest {
  readonly rate: Rate;
  /** Set once the client has joined. */
  member: Member | undefined;
  /** How many messages in a row came too fast. */
  excess: number;
}

type ChatSocket = Socket<Guest>;

const ROOM = 'room';

/** Beside the file, an image's message has a header of at most 65,535 bytes and 2 bytes with its length. */
const IMAGE_HEADER = 65_535 + 2;

/** What is large counts as one message for each begun quarter of a MiB. */
const BYTES_PER_MESSAGE = 256 * 1024;

/** Who goes on for so many messages after the first that was refused as too fast is not a person. */
const MAX_EXCESS = 100;

/** What may wait for a member that reads slowly, in bytes; with more, the next message closes its connection. */
const MAX_BUFFERED = 8 * 1024 * 1024;

/** Who is closed for being slow is not kept in the list of the members for long. In milliseconds. */
const CLOSE_TIMEOUT = 3000;

export function createChat(options: ChatOptions): WebSocketEndpoint<Guest> {
  return new Room(options).endpoint;
}

class Room {
  readonly endpoint: WebSocketEndpoint<Guest>;
  readonly #maxImage: number;
  readonly #maxMembers: number;
  readonly #members = new Map<ChatSocket, Member>();

  constructor(options: ChatOptions) {
    const { maxImage = defaults.maxImage, maxMembers = defaults.maxMembers, rate = defaults.rate, origins } = options;
    const allowed = new Set(origins);
    this.#maxImage = maxImage;
    this.#maxMembers = maxMembers;
    this.endpoint = new WebSocketEndpoint<Guest>({
      ...commonSettings(options),
      // Twice the image, so that one which is a little too large is refused in words, and only a huge one by a close.
      limits: { maxMessageSize: 2 * maxImage + IMAGE_HEADER, maxBufferedAmount: MAX_BUFFERED },
      slowSubscriber: 'close',
      closeTimeout: CLOSE_TIMEOUT,
      origin: (origin, { host }) => isSameHost(origin, host) || allowed.has(origin),
      upgrade: () => ({ data: { rate: new Rate(rate), member: undefined, excess: 0 } }),
      message: (socket, message) => this.#take(socket, message),
      close: (socket) => this.#leave(socket),
    });
  }

  #take(socket: ChatSocket, data: string | Uint8Array): void {
    if (!isInTime(socket, data)) return;
    const decoded = decodeClientMessage(data);
    if (decoded.ok) this.#act(socket, decoded.message);
    else refuse(socket, 'invalid', decoded.error);
  }

  #act(socket: ChatSocket, message: ClientMessage): void {
    const { member } = socket.data;
    if (message.type === 'join') this.#join(socket, message.name);
    else if (member === undefined) refuse(socket, 'not-joined', 'Join first, with a name');
    else if (message.type === 'say') this.#tell({ type: 'said', from: member, text: message.text, at: Date.now() });
    else if (message.type === 'rename') this.#rename(socket, member, message.name);
    else this.#show(socket, member, message);
  }

  #join(socket: ChatSocket, name: string): void {
    if (socket.data.member !== undefined) {
      refuse(socket, 'already-joined', 'You are in the room already');
      return;
    }
    if (this.#members.size >= this.#maxMembers) {
      refuse(socket, 'room-full', `The room is full: ${this.#maxMembers} are in it`);
      return;
    }
    const member = { id: randomUUID(), name };
    this.#tell({ type: 'joined', member, at: Date.now() });
    this.#enter(socket, member);
    const members = [...this.#members.values()];
    const limits = { text: chatLimits.text, image: this.#maxImage };
    socket.send(encodeServerMessage({ type: 'welcome', you: member, members, limits }));
    socket.subscribe(ROOM);
  }

  #rename(socket: ChatSocket, { id, name: before }: Member, name: string): void {
    const member = { id, name };
    this.#enter(socket, member);
    this.#tell({ type: 'renamed', member, before, at: Date.now() });
  }

  #show(socket: ChatSocket, from: Member, image: ClientImage): void {
    if (image.bytes.length <= this.#maxImage) {
      this.endpoint.publish(ROOM, encodeServerMessage({ ...image, from, at: Date.now() }));
    } else {
      refuse(socket, 'image-too-large', `An image may have ${this.#maxImage} bytes, and no more`);
    }
  }

  /** Also under a new name: the place in the list of the members stays. */
  #enter(socket: ChatSocket, member: Member): void {
    socket.data.member = member;
    this.#members.set(socket, member);
  }

  #leave(socket: ChatSocket): void {
    const member = this.#members.get(socket);
    if (member === undefined) return;
    this.#members.delete(socket);
    this.#tell({ type: 'left', member, at: Date.now() });
  }

  #tell(message: ServerText): void {
    this.endpoint.publish(ROOM, encodeServerMessage(message));
  }
}

/** Whether a message comes at a pace that is allowed; if not, its sender is told, or sent away. */
function isInTime(socket: ChatSocket, data: string | Uint8Array): boolean {
  const guest = socket.data;
  if (guest.rate.take(Math.max(1, Math.ceil(data.length / BYTES_PER_MESSAGE)))) {
    guest.excess = 0;
    return true;
  }
  guest.excess += 1;
  if (guest.excess > MAX_EXCESS) socket.close(1008, 'Too many messages');
  else refuse(socket, 'too-fast', 'Not so fast: this message was not taken');
  return false;
}

function refuse(socket: ChatSocket, code: string, message: string): void {
  socket.send(encodeServerMessage({ type: 'refused', code, message }));
}
