import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  decodeRaceMessage,
  decodeRaceServerMessage,
  type LaneTally,
  type RaceClientMessage,
  type RaceLane,
  type RaceServerMessage,
} from '@tidewire/console/race-messages';
import { onTestFinished } from 'vitest';
import { Peer } from '../support.ts';

/** A run of the race, as the page of the race opens one. */
export class TestRun {
  readonly peer: Peer;
  readonly id: string;

  private constructor(peer: Peer, id: string) {
    this.peer = peer;
    this.id = id;
  }

  /** @param ca the certificate of a service with TLS */
  static async open(port: number, ca?: string): Promise<TestRun> {
    const path = `:${port}/race/control`;
    const peer = ca === undefined ? await Peer.open(`ws://127.0.0.1${path}`) : await openSecure(`localhost${path}`, ca);
    const welcome = await nextMessage(peer);
    if (welcome.type !== 'welcome') throw new Error(`No welcome: ${JSON.stringify(welcome)}`);
    return new TestRun(peer, welcome.run);
  }

  send(message: RaceClientMessage): void {
    this.peer.socket.send(JSON.stringify(message));
  }

  /** Goes through with these settings, and begins. */
  begin(rate: number, delay = 0): void {
    this.send({ type: 'settings', rate, delay });
    this.send({ type: 'start' });
  }

  path(lane: string, after = 0): string {
    return `/race/${lane}?run=${this.id}&after=${after}`;
  }

  /** The next tally that satisfies `isEnough`. */
  async tally(lane: RaceLane, isEnough: (tally: LaneTally) => boolean = () => true): Promise<LaneTally> {
    for (;;) {
      const { [lane]: tally } = await this.tallies();
      if (tally !== undefined && isEnough(tally)) return tally;
    }
  }

  /** The next tallies. */
  async tallies(): Promise<Partial<Record<RaceLane, LaneTally>>> {
    for (;;) {
      const message = await nextMessage(this.peer);
      if (message.type === 'tally') return message.lanes;
    }
  }

  /** The tallies once two in a row are the same: the stream has come to rest, and what was sent has arrived. */
  async settled(): Promise<Partial<Record<RaceLane, LaneTally>>> {
    let last = '';
    for (;;) {
      const tallies = await this.tallies();
      if (JSON.stringify(tallies) === last) return tallies;
      last = JSON.stringify(tallies);
    }
  }
}

function openSecure(address: string, ca: string): Promise<Peer> {
  return Peer.open(`wss://${address}`, [], { tls: { ca } });
}

export async function nextMessage(peer: Peer): Promise<RaceServerMessage> {
  const message = decodeRaceServerMessage(await peer.next());
  if (message === undefined) throw new Error('Not a message of the race');
  return message;
}

/** A connection by hand that counts its bytes. */
export class RawClient {
  readonly socket: Socket;
  received = '';
  #bytesSent = 0;
  #changed = (): void => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text;
      this.#changed();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#changed());
    onTestFinished(() => {
      socket.destroy();
    });
  }

  static async open(port: number, localAddress?: string): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** What has gone to and fro since this was last called. */
  count(): { readonly sent: number; readonly received: number } {
    const counted = { sent: this.#bytesSent, received: this.received.length };
    this.#bytesSent = 0;
    this.received = '';
    return counted;
  }

  write(text: string): void {
    this.#bytesSent += text.length;
    this.socket.write(text, 'latin1');
  }

  get(path: string, headers: readonly string[] = []): void {
    this.write(`${[`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...headers].join('\r\n')}\r\n\r\n`);
  }

  /** Waits until what has come matches. */
  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.received)) {
      if (this.socket.destroyed) throw new Error(`The connection has ended without ${pattern}: ${this.received}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Waits until there is a whole answer with a Content-Length. */
  answer(): Promise<void> {
    return this.shows(/^HTTP[\s\S]*?content-length: 0\r[\s\S]*?\r\n\r\n|\r\n\r\n[\s\S]*\n$/i);
  }
}

/** The request that opens a WebSocket. */
export const upgradeHeaders = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==',
  'Sec-WebSocket-Version: 13',
];

/** The numbers of the messages in a text that has one on each line. */
export function numbersIn(text: string): number[] {
  return text.split('\n').flatMap((line) => decodeRaceMessage(line)?.n ?? []);
}

/** 1 to `count` */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
