import { nodePlatform } from '@tidewire/node';
import { Connection, type ConnectionClose, ConnectionSettings, type Platform } from '@tidewire/protocol';
import {
  createIdentity,
  refusalBody,
  resolveTunnelParameters,
  type Transport,
  type TunnelAnswer,
  TunnelClientSession,
  type TunnelOutcome,
  type TunnelParameters,
  type TunnelRefusalCode,
  type TunnelRequest,
  TunnelServerSession,
  tunnelRefusals,
} from '@tidewire/tunnel';

// A client and a server with WebSocket connections on top, and between them a network that does what networks do. Time and
// chance are made here: the same seed gives the same run.

/** What the network does to requests and answers. Probabilities from 0 to 1, times in milliseconds. */
export interface Faults {
  /** A request, or all that answers it, never arrives: nobody is told. */
  readonly drop: number;
  /** A request, or its answer at any byte, is cut off, and the client told. */
  readonly cut: number;
  /** A request, or its answer, ends at any byte as if it were whole. */
  readonly truncate: number;
  readonly duplicate: number;
  /** The longest way, each direction. What is sent later may arrive earlier. */
  readonly delay: number;
  /** Answers arrive when they are whole. */
  readonly buffers: boolean;
  /** Answers that take longer than this are cut. */
  readonly longest: number;
}

export const noFaults: Faults = {
  drop: 0,
  cut: 0,
  truncate: 0,
  duplicate: 0,
  delay: 40,
  buffers: false,
  longest: Number.POSITIVE_INFINITY,
};

/** mulberry32: enough chance for a test, and the same everywhere. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Event {
  readonly at: number;
  readonly order: number;
  act: () => void;
}

/** What happens, in order of time. */
export class World {
  time = 0;
  readonly random: () => number;
  readonly platform: Platform;
  #events: Event[] = [];
  #order = 0;

  constructor(seed: number) {
    const random = chance(seed);
    this.random = random;
    this.platform = {
      ...nodePlatform,
      now: () => this.time,
      randomFill: (target) => {
        for (let i = 0; i < target.length; i++) target[i] = Math.floor(random() * 256);
      },
    };
  }

  /** Returns what takes it back. */
  at(time: number, act: () => void): () => void {
    const event = { at: Math.max(time, this.time), order: this.#order++, act };
    let place = this.#events.length;
    while (place > 0 && (this.#events[place - 1]?.at ?? 0) > event.at) place--;
    this.#events.splice(place, 0, event);
    return () => {
      event.act = () => {};
    };
  }

  /** Lets time pass, in milliseconds. */
  runFor(duration: number): void {
    const until = this.time + duration;
    for (;;) {
      const [event] = this.#events;
      if (event === undefined || event.at > until) {
        this.time = until;
        return;
      }
      this.#events.shift();
      this.time = event.at;
      event.act();
    }
  }
}

/** What one side has of the outer world: a connection, a clock, and what came. */
export class Peer {
  readonly connection: Connection;
  readonly messages: (string | Uint8Array)[] = [];
  readonly closes: ConnectionClose[] = [];
  readonly world: World;
  outcome: TunnelOutcome | undefined;
  pipe: TunnelClientSession | TunnelServerSession | undefined;
  #cancel = () => {};

  constructor(world: World, role: 'client' | 'server') {
    this.world = world;
    const settings = new ConnectionSettings({ role, platform: world.platform });
    const pipe = {
      write: (bytes: Uint8Array) => this.pipe?.write(bytes),
      writeAll: (pieces: Uint8Array[]) => this.pipe?.writeAll(pieces),
      requestFlush: () => this.pipe?.requestFlush(),
      end: () => this.pipe?.end(),
      destroy: () => this.pipe?.destroy(),
      isBackedUp: false,
    };
    const amount = () => this.pipe?.bufferedAmount ?? 0;
    this.connection = new Connection(
      settings,
      { message: (data) => this.messages.push(data), close: (event) => this.closes.push(event) },
      Object.defineProperty({ ...pipe, bufferedAmount: 0 }, 'bufferedAmount', { get: amount }),
    );
    this.connection.open();
  }

  receive(bytes: Uint8Array): void {
    this.connection.receive(bytes);
  }

  ended(): void {
    this.connection.ended();
  }

  gone(outcome: TunnelOutcome): void {
    this.outcome = outcome;
    this.connection.gone();
  }

  drained(): void {
    this.connection.drained();
  }

  requestFlush(): void {
    this.world.at(this.world.time, () => this.connection.flush());
  }

  schedule(at: number): void {
    this.#cancel();
    this.#cancel = Number.isFinite(at) || at < 0 ? this.world.at(at, () => this.pipe?.tick()) : () => {};
  }
}

/** A client's peer, whose requests go through the network. */
class ClientPeer extends Peer {
  readonly #network: Network;

  constructor(world: World, network: Network) {
    super(world, 'client');
    this.#network = network;
  }

  request(request: TunnelRequest): void {
    this.#network.request(request);
  }

  abort(id: number): void {
    this.#network.abort(id);
  }
}

export interface NetworkOptions {
  readonly seed: number;
  readonly faults?: Partial<Faults>;
  readonly parameters?: Partial<TunnelParameters>;
  readonly transports?: readonly Transport[];
}

export class Network {
  readonly world: World;
  faults: Faults;
  readonly client: Peer;
  readonly server: Peer;
  readonly clientSession: TunnelClientSession;
  readonly serverSession: TunnelServerSession;
  /** Requests made, by mode. */
  readonly made = { SEND: 0, TAKE: 0, WAIT: 0, STREAM: 0 };
  readonly #aborts = new Map<number, () => void>();

  constructor({ seed, faults = {}, parameters = {}, transports }: NetworkOptions) {
    const world = new World(seed);
    this.world = world;
    this.faults = { ...noFaults, ...faults };
    const resolved = resolveTunnelParameters(parameters);
    const identity = createIdentity(world.platform);
    const client = new ClientPeer(world, this);
    this.client = client;
    this.server = new Peer(world, 'server');
    this.serverSession = new TunnelServerSession(identity, resolved, world.platform, this.server);
    this.server.pipe = this.serverSession;
    const opened = { ...identity, subprotocol: '', parameters: resolved };
    this.clientSession = new TunnelClientSession(opened, { platform: world.platform, transports }, client);
    client.pipe = this.clientSession;
    this.clientSession.start();
  }

  request({ id, mode, body }: TunnelRequest): void {
    this.made[mode]++;
    const { drop, cut, truncate, duplicate } = this.faults;
    const answer = new AnswerOnItsWay(this, id);
    this.#aborts.set(id, () => answer.abort());
    if (this.#happens(drop)) return;
    if (this.#happens(cut)) {
      answer.later(() => this.clientSession.failed(id));
      return;
    }
    this.#arrive(this.#happens(truncate) ? body.subarray(0, this.#upTo(body.length)) : body, answer);
    if (this.#happens(duplicate)) this.#arrive(body, { write: () => {}, end: () => {}, refuse: () => {} });
  }

  abort(id: number): void {
    this.#aborts.get(id)?.();
    this.#aborts.delete(id);
  }

  #arrive(body: Uint8Array, answer: TunnelAnswer): void {
    this.world.at(this.arrival(), () => this.serverSession.request(body, answer));
  }

  #happens(probability: number): boolean {
    return this.world.random() < probability;
  }

  #upTo(limit: number): number {
    return Math.floor(this.world.random() * limit);
  }

  arrival(): number {
    return this.world.time + 1 + this.world.random() * this.faults.delay;
  }
}

/** The answer to one request on its way to the client, in order. */
class AnswerOnItsWay implements TunnelAnswer {
  readonly #network: Network;
  readonly #id: number;
  /** After how many bytes it breaks off, and what the client then thinks. */
  readonly #breaksAfter: number;
  readonly #breaking: 'silent' | 'failed' | 'completed';
  #length = 0;
  #latest = 0;
  #isOver = false;
  #kept: Uint8Array[] = [];

  constructor(network: Network, id: number) {
    this.#network = network;
    this.#id = id;
    const { drop, cut, truncate } = network.faults;
    const { random } = network.world;
    const which = random();
    this.#breaksAfter =
      which < drop + cut + truncate ? Math.floor(random() * random() * 2000) : Number.POSITIVE_INFINITY;
    this.#breaking = which < drop ? 'silent' : which < drop + cut ? 'failed' : 'completed';
    const { longest } = network.faults;
    if (longest < Number.POSITIVE_INFINITY) network.world.at(network.world.time + longest, () => this.#break('failed'));
  }

  write(bytes: Uint8Array): void {
    if (this.#network.faults.buffers) this.#kept.push(bytes);
    else this.#bring(bytes);
  }

  end(bytes: Uint8Array): void {
    for (const kept of this.#kept) this.#bring(kept);
    this.#bring(bytes);
    if (this.#isOver) return;
    this.later(() => this.#network.clientSession.completed(this.#id));
  }

  refuse(code: TunnelRefusalCode): void {
    const { status } = tunnelRefusals[code];
    this.later(() => this.#network.clientSession.refused(this.#id, status, refusalBody(code)));
  }

  abort(): void {
    this.#isOver = true;
    this.#network.world.at(this.#network.arrival(), () => this.#network.serverSession.detached(this));
  }

  /** In order with what was brought before. */
  later(act: () => void): void {
    const { world } = this.#network;
    this.#latest = Math.max(this.#latest, this.#network.arrival());
    world.at(this.#latest, () => {
      if (!this.#isOver) act();
    });
  }

  #bring(bytes: Uint8Array): void {
    if (this.#length > this.#breaksAfter) return;
    const part = bytes.subarray(0, this.#breaksAfter - this.#length);
    this.#length += bytes.length;
    this.later(() => this.#network.clientSession.received(this.#id, part));
    if (this.#length > this.#breaksAfter) this.#break(this.#breaking);
  }

  #break(how: 'silent' | 'failed' | 'completed'): void {
    const { clientSession, serverSession, world } = this.#network;
    if (how === 'silent') return;
    this.later(() => {
      this.#isOver = true;
      if (how === 'failed') clientSession.failed(this.#id);
      else clientSession.completed(this.#id);
    });
    world.at(this.#network.arrival(), () => serverSession.detached(this));
  }
}
