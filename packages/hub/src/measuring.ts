import type { EngineListener } from './engine.ts';

/** For engines: does `work`, and tells the listener that wants to know how long it took and whether it succeeded. */
export async function measured<Result>(
  listener: EngineListener | undefined,
  operation: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  if (listener?.measured === undefined) return work();
  const start = performance.now();
  let isOk = false;
  try {
    const result = await work();
    isOk = true;
    return result;
  } finally {
    listener.measured(operation, performance.now() - start, isOk);
  }
}
