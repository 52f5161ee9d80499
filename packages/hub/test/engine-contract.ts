import { afterAll, beforeAll, describe } from 'vitest';
import { describeEvents } from './engine-contract/events.ts';
import { describeFaults } from './engine-contract/faults.ts';
import { type EngineHarness, TestNodes } from './engine-contract/harness.ts';
import { describeHistory } from './engine-contract/history.ts';
import { describeMembers } from './engine-contract/members.ts';
import { describeNodes } from './engine-contract/nodes.ts';
import { describePayloads } from './engine-contract/payloads.ts';
import { describeStreams } from './engine-contract/streams.ts';

// The contract of engines (src/engine.ts), as tests. An engine's own test calls `describeEngine`, and then tests what is
// its own. All tests share the harness, so they use channels and nodes of their own.

export type { EngineHarness } from './engine-contract/harness.ts';

/** @param open starts what the engines are connected to; it has a minute */
export function describeEngine(name: string, open: () => Promise<EngineHarness>): void {
  describe(`the engine ${name}`, { timeout: 60_000 }, () => {
    let harness: EngineHarness | undefined;
    beforeAll(async () => {
      harness = await open();
    }, 60_000);
    afterAll(() => harness?.close(), 60_000);
    const nodes = new TestNodes(() => {
      if (harness === undefined) throw new Error('The harness is not open');
      return harness;
    });
    describeStreams(nodes);
    describeHistory(nodes);
    describeEvents(nodes);
    describePayloads(nodes);
    describeMembers(nodes);
    describeNodes(nodes);
    describeFaults(nodes);
  });
}
