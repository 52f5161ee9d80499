import { MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { localHarness } from '../engine-contract/local-harness.ts';
import { describeEngine } from '../engine-contract.ts';

describeEngine('memory', async () => {
  return localHarness((now) => {
    const network = new MemoryNetwork({ now, lease: 1000 });
    return { network, engine: () => new MemoryEngine({ network }) };
  });
});
