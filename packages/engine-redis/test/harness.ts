import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '@tidewire/hub';
import { Gate } from '../../../test/servers/gate.ts';
import { RedisServer } from '../../../test/servers/redis.ts';
import type { EngineHarness } from '../../hub/test/engine-contract.ts';
import { RedisEngine } from '../src/index.ts';

/** Engines over one server, each behind a gate of its own. */
export async function openHarness(path: string): Promise<EngineHarness> {
  // Longer than a machine that does much else may keep this process waiting: an engine that falls out meanwhile hears nothing.
  const lease = 2500;
  const server = await RedisServer.start(path);
  const gates: Gate[] = [];
  const byEngine = new Map<Engine, Gate>();
  // Gates listen before they are needed, since an engine is made at once.
  const spare: Gate[] = await Promise.all(Array.from({ length: 200 }, () => Gate.open(server.port)));
  const gateOf = ({ engine }: { engine: Engine }) => {
    const gate = byEngine.get(engine);
    if (gate === undefined) throw new Error('This engine is not of this harness');
    return gate;
  };
  return {
    engine() {
      const gate = spare.pop();
      if (gate === undefined) throw new Error('No more gates');
      gates.push(gate);
      const engine = new RedisEngine({ url: `redis://127.0.0.1:${gate.port}`, lease, timeout: 5000 });
      byEngine.set(engine, gate);
      return engine;
    },
    crash: async (node) => gateOf(node).cut(),
    interrupt: async (node) => gateOf(node).cut(),
    mend: async (node) => gateOf(node).mend(),
    pass: (milliseconds) => delay(milliseconds),
    canSkipTime: false,
    lease,
    async close() {
      await Promise.all([...byEngine.keys()].map((engine) => engine.stop()));
      await Promise.all([...gates, ...spare].map((gate) => gate.close()));
      await server.close();
    },
  };
}
