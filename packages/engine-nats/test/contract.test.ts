import { describe, inject } from 'vitest';
import { startNatsCluster, startNatsServer } from '../../../test/servers/nats.ts';
import { describeEngine } from '../../hub/test/engine-contract.ts';
import { natsHarness } from './harness.ts';

const path = inject('nats-server');

describe.skipIf(path === '')('over NATS', () => {
  describeEngine('nats, on one server', async () => natsHarness([await startNatsServer({ path })]));
  describeEngine('nats, on a cluster of three', async () => natsHarness(await startNatsCluster({ path })));
});
