import { describe, inject } from 'vitest';
import { describeEngine } from '../../hub/test/engine-contract.ts';
import { openHarness } from './harness.ts';

const path = inject('redis-server');

describe.skipIf(path === '')('over Redis', () => {
  describeEngine('redis', () => openHarness(path));
});
