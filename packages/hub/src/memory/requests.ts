import { EngineError } from '../engine.ts';
import type { NetworkNode } from './network-node.ts';

// What a node asks of others in the same process. One that was cut off does not answer.

export class Requests {
  readonly #pending = new Set<(error: EngineError) => void>();

  /**
   * @param node who is asked; `undefined` if there is no such node
   * @param timeout milliseconds
   */
  ask(id: string, node: NetworkNode | undefined, payload: string, timeout: number): Promise<string> {
    if (node === undefined) return Promise.reject(new EngineError('NODE_GONE', `There is no node ${id}`));
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#pending.delete(fail);
      };
      const fail = (error: EngineError) => {
        end();
        reject(error);
      };
      const late = () =>
        fail(new EngineError('REQUEST_TIMEOUT', `Node ${id} has not answered within ${timeout} milliseconds`));
      const timer = setTimeout(late, timeout);
      this.#pending.add(fail);
      if (!node.isConnected) return;
      answerOf(node, payload).then(
        (answer) => {
          if (!node.isConnected) return;
          end();
          resolve(answer);
        },
        (error) => {
          if (node.isConnected) fail(failed(error));
        },
      );
    });
  }

  /** Ends all with `error`. */
  fail(error: EngineError): void {
    for (const fail of this.#pending) fail(error);
  }
}

async function answerOf(node: NetworkNode, payload: string): Promise<string> {
  return node.listener.requested(payload);
}

function failed(error: unknown): EngineError {
  return new EngineError('REQUEST_FAILED', error instanceof Error ? error.message : String(error));
}
