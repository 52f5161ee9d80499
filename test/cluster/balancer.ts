import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

// What users have before their nodes: a balancer that asks each node whether it is ready, and gives connections in turn to
// those that are. It knows clients by `who=` in the first line of what they send, and can cut the network of one.

/** Milliseconds. */
const CHECK_EVERY = 200;
const CHECK_TIMEOUT = 1000;

interface Passage {
  readonly who: string | undefined;
  readonly sockets: readonly Socket[];
}

export class Balancer {
  readonly #server: Server;
  readonly #targets: readonly number[];
  #ready: readonly number[] = [];
  #turn = 0;
  readonly #sockets = new Set<Socket>();
  readonly #passages = new Set<Passage>();
  readonly #cut = new Set<string>();
  /** What came from clients that are cut off. */
  readonly #waiting = new Map<Socket, { readonly who: string; readonly proceed: () => void }>();
  #isClosed = false;

  /** @param targets ports of 127.0.0.1 */
  static async open(targets: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(targets);
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    await balancer.#check();
    void balancer.#checkOn();
    return balancer;
  }

  private constructor(targets: readonly number[]) {
    this.#targets = targets;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#take(socket));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The balancer is closed');
    return address.port;
  }

  /** Nothing passes from or to `who` any more, and nobody is told: neither by FIN nor by RST. */
  cut(who: string): void {
    this.#cut.add(who);
    for (const passage of this.#passages) if (passage.who === who) for (const each of passage.sockets) each.pause();
  }

  mend(who: string): void {
    this.#cut.delete(who);
    for (const passage of this.#passages) if (passage.who === who) for (const each of passage.sockets) each.resume();
    for (const [socket, waiting] of [...this.#waiting]) {
      if (waiting.who !== who) continue;
      this.#waiting.delete(socket);
      waiting.proceed();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async #checkOn(): Promise<void> {
    while (!this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY));
      await this.#check();
    }
  }

  async #check(): Promise<void> {
    const areReady = await Promise.all(this.#targets.map((port) => isReady(port)));
    this.#ready = this.#targets.filter((_, i) => areReady[i]);
  }

  #take(socket: Socket): void {
    this.#keep(socket);
    socket.once('data', (first) => {
      socket.pause();
      const who = /[?&]who=([\w-]+)/.exec(first.toString('latin1').split('\r\n', 1)[0] ?? '')?.[1];
      const proceed = () => this.#pass(socket, first, who, this.#inTurn());
      if (who === undefined || !this.#cut.has(who)) proceed();
      else this.#waiting.set(socket, { who, proceed });
    });
  }

  /** Those that are ready, the one whose turn it is first. */
  #inTurn(): number[] {
    this.#turn++;
    return this.#ready.map((_, i) => this.#ready[(i + this.#turn) % this.#ready.length] ?? 0);
  }

  #pass(socket: Socket, first: Buffer, who: string | undefined, [target, ...others]: number[]): void {
    if (target === undefined || socket.destroyed) {
      socket.destroy();
      return;
    }
    const further = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    this.#keep(further);
    const next = () => this.#pass(socket, first, who, others);
    further.once('error', next);
    further.once('connect', () => {
      further.off('error', next);
      further.write(first);
      const passage = { who, sockets: [socket, further] };
      this.#passages.add(passage);
      socket.on('close', () => this.#passages.delete(passage));
      join(socket, further);
      join(further, socket);
      if (who === undefined || !this.#cut.has(who)) socket.resume();
      else further.pause();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#waiting.delete(socket);
    });
  }
}

function join(one: Socket, other: Socket): void {
  one.on('data', (bytes) => other.write(bytes));
  one.on('end', () => other.end());
  one.on('close', (hadError) => {
    if (hadError) other.resetAndDestroy();
    else if (!other.writableEnded) other.end();
  });
}

async function isReady(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(CHECK_TIMEOUT);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
