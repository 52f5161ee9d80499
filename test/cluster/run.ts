import { Cluster } from './cluster.ts';
import type { EngineServers } from './engine-servers.ts';
import { Faults, pause } from './faults.ts';
import { drawSchedule, type Scale } from './schedule.ts';
import { Judge, type Verdict } from './verdict.ts';

// A run from beginning to end.

/** Milliseconds for everybody to come in, and for presence to know all of them. */
const PATIENCE = 30_000;

export interface Outcome extends Verdict {
  /** Of all nodes. */
  readonly log: readonly string[];
}

export async function run(servers: EngineServers, scale: Scale, seed: number): Promise<Outcome> {
  const begin = Date.now();
  const cluster = await Cluster.start(servers, scale);
  try {
    await everybodyIn(cluster);
    await Promise.all(cluster.watchers.map((watcher) => watcher.begin()));
    const faults = new Faults(cluster, servers, scale);
    const started = Date.now();
    await Promise.all([
      faults.run(drawSchedule(seed, scale)),
      ...cluster.publishers.map((publisher) => publisher.publish(scale.duration, scale.interval)),
    ]);
    const { lines, problems } = await new Judge(cluster, faults, scale).judge();
    const seconds = (time: number) => `${((time - started) / 1000).toFixed(1)} s`;
    const troubles = faults.troubles.map(({ what, from, to }) => `  ${seconds(from)} to ${seconds(to)}: ${what}`);
    const title = `${scale.clients} clients, ${cluster.rooms.length} rooms, SEED=${seed}, ${seconds(started + Date.now() - begin)}`;
    const log = cluster.nodes.flatMap((node) => node.log.map(({ line }) => `${node.name} ${line}`));
    return { lines: [title, ...troubles, ...lines], problems, log };
  } finally {
    await cluster.close();
  }
}

async function everybodyIn(cluster: Cluster): Promise<void> {
  const until = Date.now() + PATIENCE;
  await Promise.all(cluster.watchers.map((watcher) => watcher.ready()));
  const isComplete = async () => {
    if (!cluster.subscribers.every(({ isIn }) => isIn)) return false;
    for (const watcher of cluster.watchers) {
      if ((await watcher.present()).size < cluster.expectedIn(watcher.room).clients.size) return false;
    }
    return true;
  };
  while (!(await isComplete())) {
    if (Date.now() > until) throw new Error('The clients do not come in');
    await pause(100);
  }
}
