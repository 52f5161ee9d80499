import type { Engine } from '@tidewire/hub';
import type { NatsServer } from '../../../test/servers/nats.ts';
import type { EngineHarness } from '../../hub/test/engine-contract.ts';
import { NatsEngine, type NatsEngineOptions } from '../src/index.ts';
import { Cable } from './cable.ts';

export const LEASE = 1500;

/** Cables that are ready: an engine gets one without waiting. */
const SPARE = 16;

export interface NatsHarness extends EngineHarness {
  cableOf(engine: Engine): Cable;
}

/** Engines each of which has a cable of its own to one of the servers, by turns. */
export async function natsHarness(
  servers: readonly NatsServer[],
  options: Partial<NatsEngineOptions> = {},
): Promise<NatsHarness> {
  const cables = new Map<Engine, Cable>();
  const crashed: Engine[] = [];
  const spare: Cable[] = [];
  const opening = new Set<Promise<void>>();
  let count = 0;
  const open = async () => {
    const server = servers[count++ % servers.length];
    if (server !== undefined) spare.push(await Cable.to(server.port));
  };
  await Promise.all(Array.from({ length: SPARE }, open));
  const cableOf = (engine: Engine): Cable => {
    const cable = cables.get(engine);
    if (cable === undefined) throw new Error('An engine of another harness');
    return cable;
  };
  return {
    cableOf,
    engine() {
      const cable = spare.shift();
      if (cable === undefined) throw new Error('No cable is ready');
      const next = open().finally(() => opening.delete(next));
      opening.add(next);
      const connection = { ignoreClusterUpdates: true };
      const engine = new NatsEngine({ servers: cable.url, lease: LEASE, timeout: 5000, connection, ...options });
      cables.set(engine, cable);
      return engine;
    },
    crash: async ({ engine }) => {
      cableOf(engine).cut();
      crashed.push(engine);
    },
    interrupt: async ({ engine }) => cableOf(engine).cut(),
    mend: async ({ engine }) => cableOf(engine).mend(),
    pass: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    canSkipTime: false,
    lease: LEASE,
    close: async () => {
      await Promise.all(crashed.map((engine) => engine.stop()));
      await Promise.all(opening);
      await Promise.all([...cables.values(), ...spare].map((cable) => cable.close()));
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
