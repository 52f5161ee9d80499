import { EngineError } from '../engine.ts';
import type { MemoryNetwork } from './memory-network.ts';

/**
 * Asks a node of the same process. One that was cut off does not answer.
 * @param timeout milliseconds
 * @param stopping whose reason the request rejects with, if that comes first
 */
export function ask(
  network: MemoryNetwork,
  id: string,
  payload: string,
  timeout: number,
  stopping: AbortSignal,
): Promise<string> {
  const node = network.nodes().find((each) => each.id === id);
  if (node === undefined) return Promise.reject(new EngineError('NODE_GONE', `There is no node ${id}`));
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', stop);
      finish();
    };
    const late = () => reject(new EngineError('REQUEST_TIMEOUT', `Node ${id} has not answered within ${timeout} ms`));
    const timer = setTimeout(() => end(late), timeout);
    const stop = () => end(() => reject(stopping.reason));
    stopping.addEventListener('abort', stop);
    if (!node.isConnected) return;
    answerOf(() => node.listener.requested(payload)).then(
      (answer) => node.isConnected && end(() => resolve(answer)),
      (error) => node.isConnected && end(() => reject(failed(error))),
    );
  });
}

async function answerOf(requested: () => Promise<string>): Promise<string> {
  return requested();
}

function failed(error: unknown): EngineError {
  return new EngineError('REQUEST_FAILED', error instanceof Error ? error.message : String(error));
}
