import { Centrifuge, UnauthorizedError } from 'centrifuge';
import { checkRoom, type Kind, type Messages, standingRooms } from '../chat-messages.ts';
import type { HandshakeWatch } from '../shared/handshake-panel.tsx';
import { socketUrl } from '../shared/socket-url.ts';
import type { Ending, SocketState, Transport } from '../shared/use-socket.ts';
import { type CarrierHandlers, carrierClass } from './carrier.ts';
import type { Person } from './entry.ts';
import { type Admitted, admit, Refused } from './guest.ts';
import { memory } from './memory.ts';
import { bytesOf, PhotoProblem, photoOf } from './photo.ts';
import { refusalText } from './refusals.ts';
import {
  newRoom,
  notice,
  type Room,
  readUp,
  withEntry,
  withoutPerson,
  withPeople,
  withPerson,
  withTyping,
  withTypingAt,
} from './room.ts';
import { RoomFeed, type RoomHandlers } from './room-feed.ts';

// The chat as a member lives it: coming in, being in several rooms, losing the connection and coming back, leaving. It knows
// nothing of how it looks; `view` is what there is to show.

export interface View {
  /** Undefined before the first time that somebody comes in. */
  readonly you: Person | undefined;
  /** Whether somebody wants to be in. */
  readonly isIn: boolean;
  readonly state: SocketState;
  readonly transport: Transport | undefined;
  readonly ending: Ending | undefined;
  /** Why nobody gets in. */
  readonly refusal: string | undefined;
  readonly limits: Admitted['limits'];
  readonly rooms: ReadonlyMap<string, Room>;
  /** The name of the room that is looked at. */
  readonly current: string;
  /** Photos on their way. */
  readonly sending: number;
}

/** Rooms that one page is in. */
export const MAX_ROOMS = 12;

/** Milliseconds for which somebody types who has said so once. */
const TYPING_TIME = 5000;

/** Milliseconds between two times that this is said. */
const TYPING_PAUSE = 2500;

/** Milliseconds for an answer, and for a connection over whatever gets through. */
const TIMEOUT = 20_000;

/** Milliseconds after which a service that has sent everybody away for good is tried once more. */
const REFUSED_PAUSE = 3000;

const invalidToken = 3500;

export class ChatSession {
  readonly #handshake: Omit<HandshakeWatch, 'view'>;
  readonly #changed: () => void;
  readonly #feeds = new Map<string, RoomFeed>();
  #view: View;
  #client: Centrifuge | undefined;
  #photoLine: Promise<void> = Promise.resolve();
  #keys = 0;
  #typedAt = Number.NEGATIVE_INFINITY;
  #forgetting: ReturnType<typeof setTimeout> | undefined;
  #isRenamed = false;

  constructor(handshake: Omit<HandshakeWatch, 'view'>, changed: () => void) {
    this.#handshake = handshake;
    this.#changed = changed;
    const read = memory.read;
    const names = [...standingRooms, ...memory.rooms].slice(0, MAX_ROOMS);
    this.#view = {
      you: undefined,
      isIn: false,
      state: 'CLOSED',
      transport: undefined,
      ending: undefined,
      refusal: undefined,
      limits: { text: 0, image: 0 },
      rooms: new Map(names.map((name) => [name, newRoom(name, read.get(name))])),
      current: standingRooms[0] ?? '',
      sending: 0,
    };
  }

  get view(): View {
    return this.#view;
  }

  // --- coming and going ----------------------------------------------------------------------------------------------

  async enter(name: string): Promise<void> {
    this.#update({ isIn: true, state: 'CONNECTING', refusal: undefined, ending: undefined });
    memory.isIn = true;
    const admitted = await this.#admit(name).catch((error: unknown) => {
      const why = error instanceof Refused ? error.message : 'The service cannot be reached';
      this.#update({ isIn: false, state: 'CLOSED', refusal: why });
    });
    if (admitted === undefined || !this.#view.isIn) return;
    this.#client ??= this.#connectAs(admitted);
    this.#client.setToken(admitted.token);
    this.#client.connect();
  }

  leave(): void {
    memory.isIn = false;
    this.#update({ isIn: false });
    this.#client?.disconnect();
  }

  /** Comes back under another name. Nothing is lost: the rooms go on where they were. */
  async rename(name: string): Promise<void> {
    const admitted = await this.#admit(name).catch((error: unknown) => {
      this.#tell(this.#view.current, error instanceof Error ? error.message : 'That did not work', 'error');
    });
    if (admitted === undefined) return;
    this.#isRenamed = true;
    this.#reconnect(admitted.token);
  }

  retryNow(): void {
    this.#reconnect(undefined);
  }

  #reconnect(token: string | undefined): void {
    if (token !== undefined) this.#client?.setToken(token);
    this.#client?.disconnect();
    this.#client?.connect();
  }

  async #admit(name: string): Promise<Admitted> {
    const admitted = await admit(name);
    memory.name = admitted.name;
    this.#update({ you: { id: admitted.user, name: admitted.name }, limits: admitted.limits });
    return admitted;
  }

  #connectAs({ token }: Admitted): Centrifuge {
    const client = new Centrifuge(socketUrl('/connection/websocket'), {
      token,
      getToken: () => this.#nextToken(),
      websocket: carrierClass(this.#carrierHandlers()),
      timeout: TIMEOUT,
      name: 'tidewire-chat',
    });
    client.on('connecting', () => this.#update({ state: 'CONNECTING', transport: undefined }));
    client.on('connected', () => this.#update({ state: 'OPEN', refusal: undefined, ending: undefined }));
    client.on('disconnected', ({ code, reason }) => this.#disconnected(code, reason));
    for (const name of this.#view.rooms.keys()) this.#feed(client, name);
    this.#feeds.get(this.#view.current)?.wantPhotos();
    return client;
  }

  async #nextToken(): Promise<string> {
    try {
      return (await this.#admit(this.#view.you?.name ?? '')).token;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#update({ refusal: error.message });
      throw new UnauthorizedError(error.message);
    }
  }

  #disconnected(code: number, reason: string): void {
    this.#update({ state: 'CLOSED', transport: undefined });
    if (!this.#view.isIn || code === 0) return;
    // A token of another key, on a connection that went on: with the next one it is all as before.
    if (code === invalidToken) {
      setTimeout(() => this.#view.isIn && void this.enter(this.#view.you?.name ?? ''), REFUSED_PAUSE);
    } else {
      this.#update({ isIn: false, refusal: this.#view.refusal ?? `The service has ended the connection: ${reason}` });
    }
  }

  #carrierHandlers(): CarrierHandlers {
    return {
      begin: (url) => this.#handshake.begin(url),
      opened: (transport) => {
        if (transport === 'websocket') this.#handshake.settle();
        else this.#handshake.settleWithout();
        this.#update({ transport });
      },
      moved: (transport) => this.#update({ transport }),
      ended: (ending) => {
        if (!ending.opened) this.#handshake.settle();
        if (this.#view.state !== 'OPEN') this.#update({ ending, transport: undefined });
      },
    };
  }

  // --- rooms ---------------------------------------------------------------------------------------------------------

  /** @returns why it cannot be opened */
  open(text: string): string | undefined {
    const room = checkRoom(text);
    if (!room.ok) return room.error;
    const { rooms } = this.#view;
    if (!rooms.has(room.value)) {
      if (rooms.size >= MAX_ROOMS) return `You are in ${MAX_ROOMS} rooms: leave another one first`;
      this.#update({ rooms: new Map(rooms).set(room.value, newRoom(room.value, memory.read.get(room.value))) });
      this.#rememberRooms();
      if (this.#client !== undefined) this.#feed(this.#client, room.value);
    }
    this.#update({ current: room.value });
    this.#feeds.get(room.value)?.wantPhotos();
    this.read();
    return undefined;
  }

  /** Leaves a room that is not one of those that are always there. */
  close(name: string): void {
    if (standingRooms.includes(name)) return;
    this.#feeds.get(name)?.end();
    this.#feeds.delete(name);
    const rooms = new Map(this.#view.rooms);
    release(rooms.get(name)?.entries ?? []);
    rooms.delete(name);
    const { current } = this.#view;
    this.#update({ rooms, current: current === name ? (standingRooms[0] ?? '') : current });
    this.#rememberRooms();
  }

  /** The room that is looked at has been read. */
  read(): void {
    const { current, rooms } = this.#view;
    const room = rooms.get(current);
    if (room === undefined || !room.hasHistory) return;
    const after = readUp(room);
    if (after === room) return;
    this.#set(after);
    const all = [...this.#view.rooms.values()].flatMap(({ name, readAt }) =>
      readAt === undefined ? [] : [[name, readAt] as const],
    );
    memory.read = new Map(all);
  }

  #rememberRooms(): void {
    memory.rooms = [...this.#view.rooms.keys()].filter((name) => !standingRooms.includes(name));
  }

  #feed(client: Centrifuge, name: string): void {
    const inLine = (task: () => Promise<void>) => {
      this.#photoLine = this.#photoLine.then(task);
    };
    this.#feeds.set(name, new RoomFeed(client, name, this.#handlersFor(name), inLine));
  }

  #handlersFor(name: string): RoomHandlers {
    const isOwn = ({ id }: Person) => memory.guest?.users.includes(id) === true;
    const change = (how: (room: Room) => Room) => {
      const room = this.#view.rooms.get(name);
      if (room !== undefined) this.#set(how(room));
    };
    return {
      said: (key, from, { text, at }) => {
        this.#meet(name, from);
        change((room) => withEntry(room, { kind: 'said', key, at, order: at, from, own: isOwn(from), text }));
      },
      photo: (key, from, photo) => {
        if (this.#view.rooms.get(name)?.entries.some((entry) => entry.key === key) !== false) return;
        this.#meet(name, from);
        const bytes = bytesOf(photo);
        const url = URL.createObjectURL(new Blob([bytes], { type: photo.mime }));
        const { at, name: file } = photo;
        const own = isOwn(from);
        change((room) =>
          withEntry(room, { kind: 'photo', key, at, order: at, from, own, name: file, size: bytes.length, url }),
        );
      },
      typing: (from, isTyping) => {
        this.#meet(name, from);
        change((room) => withTyping(room, from.id, isTyping ? Date.now() + TYPING_TIME : undefined));
        this.#forgetTyping();
      },
      here: (people) => change((room) => withPeople(room, people)),
      joined: (person) => {
        const isNew = this.#view.rooms.get(name)?.people.has(person.id) === false;
        if (isNew && !isOwn(person)) this.#tell(name, `${person.name} came in`);
        change((room) => withPerson(room, person));
      },
      left: (person) => {
        const known = this.#view.rooms.get(name)?.people.get(person.id);
        if (known !== undefined && !isOwn(person)) this.#tell(name, `${known.name} left`);
        change((room) => withoutPerson(room, person.id));
      },
      live: () => {
        change((room) => ({ ...room, isLive: true, trouble: undefined }));
        if (this.#isRenamed) void this.#sayHere();
      },
      away: () => change((room) => ({ ...room, isLive: false, typing: new Map() })),
      complete: () => {
        change((room) => {
          const whole = { ...room, hasHistory: true };
          // Who has never looked has missed nothing.
          return room.readAt === undefined ? readUp(whole) : whole;
        });
        if (name === this.#view.current && document.visibilityState === 'visible') this.read();
      },
      missed: () => this.#tell(name, 'Something that was said while you were away may be missing', 'error'),
      refused: (reason) => change((room) => ({ ...room, isLive: false, trouble: reason })),
    };
  }

  /** Learns how somebody is called who is there. */
  #meet(name: string, person: Person): void {
    const room = this.#view.rooms.get(name);
    const known = room?.people.get(person.id);
    if (room === undefined || known === undefined || known.name === person.name || !room.hasHistory) return;
    this.#set(withPerson(room, person));
    this.#tell(name, `${known.name} is now ${person.name}`);
  }

  // --- talking -------------------------------------------------------------------------------------------------------

  /** @returns whether it was published */
  async say(text: string): Promise<boolean> {
    this.#typedAt = Number.NEGATIVE_INFINITY;
    return this.#publish(this.#view.current, 'said', { text });
  }

  /** @param isTyping whether there is something in the field */
  type(isTyping: boolean): void {
    const now = performance.now();
    const isKnown = now - this.#typedAt < TYPING_PAUSE;
    const wasTyping = this.#typedAt > Number.NEGATIVE_INFINITY;
    if (isTyping ? isKnown : !wasTyping) return;
    this.#typedAt = isTyping ? now : Number.NEGATIVE_INFINITY;
    // Nobody misses it.
    this.#feeds
      .get(this.#view.current)
      ?.publish('typing', { isTyping })
      .catch(() => undefined);
  }

  async sendPhotos(files: readonly File[]): Promise<void> {
    const { current } = this.#view;
    for (const file of files) {
      this.#update({ sending: this.#view.sending + 1 });
      try {
        await this.#publish(current, 'photo', await photoOf(file, this.#view.limits.image));
      } catch (error) {
        if (!(error instanceof PhotoProblem)) throw error;
        this.#tell(current, error.message, 'error');
      } finally {
        this.#update({ sending: this.#view.sending - 1 });
      }
    }
  }

  async #publish<K extends Kind>(room: string, kind: K, message: Messages[K]): Promise<boolean> {
    try {
      await this.#feeds.get(room)?.publish(kind, message);
      return true;
    } catch (error) {
      this.#tell(room, refusalText(error), 'error');
      return false;
    }
  }

  /** After another name was taken: what others see of a connection comes with what it publishes. */
  async #sayHere(): Promise<void> {
    if ([...this.#view.rooms.values()].some(({ isLive, trouble }) => !isLive && trouble === undefined)) return;
    this.#isRenamed = false;
    const you = this.#view.you;
    for (const room of this.#view.rooms.values()) if (you !== undefined) this.#set(withPerson(room, you));
    this.#tell(this.#view.current, `You are now ${you?.name}`);
    const all = [...this.#feeds.values()].map((feed) => feed.publish('typing', { isTyping: false }));
    await Promise.allSettled(all);
  }

  #forgetTyping(): void {
    clearTimeout(this.#forgetting);
    const times = [...this.#view.rooms.values()].flatMap(({ typing }) => [...typing.values()]);
    if (times.length === 0) return;
    const wait = Math.max(0, Math.min(...times) - Date.now());
    this.#forgetting = setTimeout(() => {
      for (const room of this.#view.rooms.values()) this.#set(withTypingAt(room, Date.now()));
      this.#forgetTyping();
    }, wait);
  }

  // --- what there is to show -----------------------------------------------------------------------------------------

  #tell(name: string, text: string, tone: 'plain' | 'error' = 'plain'): void {
    const room = this.#view.rooms.get(name);
    if (room !== undefined) this.#set(withEntry(room, notice(room, text, tone, Date.now(), `notice ${++this.#keys}`)));
  }

  #set(room: Room): void {
    const before = this.#view.rooms.get(room.name);
    if (before === undefined || before === room) return;
    if (before.entries !== room.entries) {
      const kept = new Set(room.entries);
      release(before.entries.filter((entry) => !kept.has(entry)));
    }
    this.#update({ rooms: new Map(this.#view.rooms).set(room.name, room) });
  }

  #update(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    this.#changed();
  }
}

function release(entries: Room['entries']): void {
  for (const entry of entries) if (entry.kind === 'photo') URL.revokeObjectURL(entry.url);
}
