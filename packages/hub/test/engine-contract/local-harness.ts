import type { Engine, MemoryNetwork } from '@tidewire/hub';
import type { EngineHarness } from './harness.ts';

/** A harness of engines whose nodes are joined by a network within the process, on a clock of the test's own. */
export function localHarness(
  open: (now: () => number) => { network: MemoryNetwork; engine: () => Engine; close?: () => Promise<void> },
): EngineHarness {
  let time = 1_700_000_000_000;
  const { network, engine, close } = open(() => time);
  return {
    engine,
    crash: async ({ id }) => network.cut(id),
    interrupt: async ({ id }) => network.cut(id),
    mend: async ({ id }) => network.mend(id),
    pass: async (milliseconds) => {
      time += milliseconds;
      network.sweep();
    },
    canSkipTime: true,
    lease: 1000,
    close: async () => close?.(),
  };
}
