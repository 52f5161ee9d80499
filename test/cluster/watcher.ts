import { WebSocket } from '@tidewire/client';
import { Centrifuge } from 'centrifuge';
import { token } from './subscriber.ts';

// Watches who comes to a room and who goes, on a node that is left alone.

interface Change {
  readonly type: 'join' | 'leave';
  readonly at: number;
}

export class Watcher {
  readonly room: string;
  readonly surprises: string[] = [];
  joins = 0;
  leaves = 0;
  readonly #client: Centrifuge;
  readonly #changes = new Map<string, Change[]>();
  #initial: ReadonlySet<string> = new Set();
  #connection: string | undefined;

  constructor(room: string, port: number) {
    this.room = room;
    this.#client = new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket`, {
      websocket: WebSocket,
      token: token(`watcher-of-${room}`, 3600),
      maxServerPingDelay: 60_000,
    });
    this.#client.on('connected', ({ client }) => {
      this.#connection = client;
    });
    const subscription = this.#client.newSubscription(room, { joinLeave: true });
    for (const type of ['join', 'leave'] as const) {
      subscription.on(type, ({ info }) => {
        if (type === 'join') this.joins++;
        else this.leaves++;
        const changes = this.#changes.get(info.client) ?? [];
        changes.push({ type, at: Date.now() });
        this.#changes.set(info.client, changes);
      });
    }
    subscription.subscribe();
    this.#client.connect();
  }

  async ready(): Promise<void> {
    await this.#client.ready(20_000);
    await this.#client.getSubscription(this.room)?.ready(20_000);
    const surprise = (what: string) => this.surprises.push(`the watcher of ${this.room} was ${what}`);
    this.#client.on('connecting', ({ code, reason }) => surprise(`disconnected with ${code} ${reason}`));
    this.#client.getSubscription(this.room)?.on('subscribing', ({ code }) => surprise(`unsubscribed with ${code}`));
  }

  /** Whoever is there now is counted from now on. */
  async begin(): Promise<void> {
    this.#initial = await this.present();
    this.#changes.clear();
    this.joins = 0;
    this.leaves = 0;
  }

  async present(): Promise<ReadonlySet<string>> {
    const { clients } = await this.#client.presence(this.room);
    return new Set(Object.keys(clients));
  }

  get connection(): string | undefined {
    return this.#connection;
  }

  /**
   * @param present at the end
   * @returns what does not add up, by connection
   */
  differences(present: ReadonlySet<string>): Map<string, string> {
    const wrong = new Map<string, string>();
    const all = new Set([...this.#initial, ...present, ...this.#changes.keys()]);
    for (const client of all) {
      const changes = this.#changes.get(client) ?? [];
      const told = changes.map(({ type }) => type).join(', ') || 'nothing';
      let isIn = this.#initial.has(client);
      let isRight = true;
      for (const { type } of changes) {
        if ((type === 'join') === isIn) isRight = false;
        isIn = type === 'join';
      }
      if (isRight && isIn === present.has(client)) continue;
      const [before, after] = [this.#initial, present].map((set) => (set.has(client) ? 'in' : 'out'));
      wrong.set(client, `${this.room}: ${client} was ${before}, and told was ${told}, and it is ${after}`);
    }
    return wrong;
  }

  close(): void {
    this.surprises.length = 0;
    this.#client.removeAllListeners();
    this.#client.disconnect();
  }
}
