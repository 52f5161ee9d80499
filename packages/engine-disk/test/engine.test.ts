import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskStreamStore } from '@tidewire/engine-disk';
import { LocalEngine, MemoryNetwork } from '@tidewire/hub';
import { localHarness } from '../../hub/test/engine-contract/local-harness.ts';
import { describeEngine } from '../../hub/test/engine-contract.ts';

describeEngine('disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidewire-disk-'));
  return localHarness((now) => {
    const network = new MemoryNetwork({ now, lease: 1000, store: new DiskStreamStore({ directory }) });
    return {
      network,
      engine: () => new LocalEngine('disk', network),
      close: () => rm(directory, { recursive: true, force: true }),
    };
  });
});
