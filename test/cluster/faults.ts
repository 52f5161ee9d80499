import type { Cluster } from './cluster.ts';
import type { EngineServers } from './engine-servers.ts';
import type { Fault, Scale, Scheduled } from './schedule.ts';

// Makes things go wrong, and notes when.

/** Milliseconds since 1970. */
export interface Trouble {
  readonly fault: Fault;
  readonly what: string;
  readonly from: number;
  to: number;
}

export class Faults {
  readonly troubles: Trouble[] = [];
  /** What was to go wrong, and went wrong in another way. */
  readonly surprises: string[] = [];
  /** Who has been kept away for too long. */
  readonly keptAway: string[] = [];
  readonly #cluster: Cluster;
  readonly #servers: EngineServers;
  readonly #scale: Scale;

  constructor(cluster: Cluster, servers: EngineServers, scale: Scale) {
    this.#cluster = cluster;
    this.#servers = servers;
    this.#scale = scale;
  }

  /** Resolves when all is over. */
  async run(schedule: readonly Scheduled[]): Promise<void> {
    await Promise.all(
      schedule.map(async ({ at, fault }) => {
        await pause(at);
        const trouble = { fault, what: this.#describe(fault), from: Date.now(), to: Number.POSITIVE_INFINITY };
        this.troubles.push(trouble);
        await this.#make(fault);
        trouble.to = Date.now();
      }),
    );
  }

  #describe(fault: Fault): string {
    switch (fault.kind) {
      case 'kill node':
        return `kill -9 of ${this.#cluster.nodes[fault.node]?.name}`;
      case 'drain node':
        return `${this.#cluster.nodes[fault.node]?.name} is drained`;
      case 'break engine':
        return this.#servers.describe(fault.which);
      case 'cut client':
        return `${this.#cluster.shortlived[fault.client]?.name} is cut off`;
      case 'hop':
        return `${this.#cluster.shortlived[fault.client]?.name} goes and comes back`;
    }
  }

  async #make(fault: Fault): Promise<void> {
    const { nodes, shortlived } = this.#cluster;
    switch (fault.kind) {
      case 'kill node':
        await nodes[fault.node]?.kill();
        await pause(fault.downTime);
        return nodes[fault.node]?.start();
      case 'drain node': {
        const code = await nodes[fault.node]?.drain();
        if (code !== 0) this.surprises.push(`${nodes[fault.node]?.name} ends with ${code} when it is drained`);
        await pause(fault.downTime);
        return nodes[fault.node]?.start();
      }
      case 'break engine':
        return this.#servers.breakFor(fault.downTime, fault.which);
      case 'cut client':
        return this.#cutOff(shortlived[fault.client]?.name ?? '');
      case 'hop': {
        const { client } = shortlived[fault.client] ?? {};
        client?.disconnect();
        await pause(fault.downTime);
        client?.connect();
      }
    }
  }

  /** Until both sides have noticed, and more was published than is kept. */
  async #cutOff(who: string): Promise<void> {
    const { balancer, shortRoom } = this.#cluster;
    const { ping, shortHistory } = this.#scale;
    const sequence = () => shortRoom?.acknowledged.length ?? 0;
    const begin = sequence();
    balancer.cut(who);
    this.keptAway.push(who);
    await pause(ping.interval + ping.timeout + 500);
    while (sequence() < begin + shortHistory * 1.5) await pause(100);
    balancer.mend(who);
  }
}

export function pause(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}
