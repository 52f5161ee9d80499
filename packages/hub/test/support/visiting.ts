import {
  type Client,
  type ConnectRequest,
  type ConnectResult,
  createPermissions,
  type Disconnect,
  type Encoder,
  Hub,
  type HubOptions,
  type Outlet,
  type OutletResult,
  type Push,
  type SubscribeRequest,
  type SubscribeResult,
} from '@tidewire/hub';
import type { PreparedBatch } from '@tidewire/protocol';
import { onTestFinished } from 'vitest';

/** Writes pushes as JSON, several in one message, and counts how often it is asked to. */
export class JsonEncoder implements Encoder {
  readonly name = 'json';
  calls = 0;

  encode(pushes: readonly Push[]): readonly string[] {
    this.calls++;
    return [JSON.stringify(pushes)];
  }
}

const shared = new JsonEncoder();

/** A client's end: it keeps what it is sent, and reads as fast as it is told to. */
export class TestOutlet implements Outlet {
  readonly encoder: Encoder;
  readonly transport = 'test';
  readonly pushes: Push[] = [];
  /** How many messages were put together in each write. */
  readonly writes: { readonly isAlone: boolean }[] = [];
  disconnect: Disconnect | undefined;
  client: Client | undefined;
  bufferedAmount = 0;
  /** A client that does not read: what is written waits. */
  isStuck = false;
  onPush: ((push: Push) => void) | undefined;
  #watchers: (() => void)[] = [];

  constructor(encoder: Encoder = shared) {
    this.encoder = encoder;
  }

  write(batch: PreparedBatch, isAlone: boolean): OutletResult {
    if (this.disconnect !== undefined) return 'closed';
    this.writes.push({ isAlone });
    for (const { payload } of batch.messages) {
      const pushes: Push[] = JSON.parse(Buffer.from(payload).toString());
      this.pushes.push(...pushes);
      for (const push of pushes) this.onPush?.(push);
    }
    this.#changed();
    if (!this.isStuck) return 'written';
    this.bufferedAmount += batch.payloadLength;
    return 'buffered';
  }

  close(disconnect: Disconnect): void {
    this.disconnect ??= disconnect;
    this.#changed();
  }

  /** The client has read everything. */
  drain(): void {
    this.bufferedAmount = 0;
    this.client?.drained();
  }

  /** The data of all publications in `channel`. */
  received(channel: string): unknown[] {
    return this.pushes.flatMap((push) =>
      push.type === 'publication' && push.channel === channel ? [JSON.parse(push.publication.data)] : [],
    );
  }

  /** Resolves when `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}

/** A hub that is stopped with the test. The user of who connects with `data` is that. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const permissions = createPermissions({
    hooks: { connect: ({ request }) => ({ user: request.data === undefined ? '' : JSON.parse(request.data) }) },
  });
  const hub = new Hub({ permissions, ...options });
  await hub.start();
  onTestFinished(() => hub.stop());
  return hub;
}

export interface Visit {
  readonly outlet: TestOutlet;
  readonly client: Client;
  readonly result: ConnectResult;
}

export async function visit(
  hub: Hub,
  user?: string,
  { outlet = new TestOutlet(), ...request }: ConnectRequest & { outlet?: TestOutlet } = {},
): Promise<Visit> {
  let visited: Visit | undefined;
  await hub.connect(
    outlet,
    { data: user === undefined ? undefined : JSON.stringify(user), ...request },
    (client, result) => {
      outlet.client = client;
      visited = { outlet, client, result };
    },
  );
  if (visited === undefined) throw new Error('The client has not begun');
  return visited;
}

export async function subscribe(
  { client }: Pick<Visit, 'client'>,
  channel: string,
  request: Omit<SubscribeRequest, 'channel'> = {},
): Promise<SubscribeResult> {
  let subscribed: SubscribeResult | undefined;
  await client.subscribe({ channel, ...request }, (result) => {
    subscribed = result;
  });
  if (subscribed === undefined) throw new Error('The subscription has not begun');
  return subscribed;
}

/** What `missed` says, as the application published it. */
export function missedIn({ missed }: SubscribeResult): unknown[] {
  return missed.map(({ publication }) => JSON.parse(publication.data));
}

/** Everything that the promises of this turn lead to has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
