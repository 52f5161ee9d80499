import { type Engine, EngineError } from './engine.ts';

// What nodes ask each other: a kind, and a text that whoever answers that kind understands.

export type NodeHandler = (payload: string) => Promise<string>;

export class Nodes {
  readonly #engine: Engine;
  readonly #handlers = new Map<string, NodeHandler>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws Error if that kind is answered already */
  answer(kind: string, handler: NodeHandler): void {
    if (this.#handlers.has(kind)) throw new Error(`${kind} is answered already`);
    this.#handlers.set(kind, handler);
  }

  /** Rejects with an `EngineError`. @param timeout milliseconds */
  ask(node: string, kind: string, payload: string, timeout: number): Promise<string> {
    return this.#engine.request(node, `${kind}\n${payload}`, timeout);
  }

  /** Asks all that live. A node that goes meanwhile needs no answer; otherwise rejects with an `EngineError`. */
  async askAll(kind: string, payload: string, timeout: number): Promise<string[]> {
    const nodes = await this.#engine.nodes();
    const answers = await Promise.all(
      nodes.map(async ({ id }) => {
        try {
          return await this.ask(id, kind, payload, timeout);
        } catch (error) {
          if (error instanceof EngineError && error.code === 'NODE_GONE') return undefined;
          throw error;
        }
      }),
    );
    return answers.filter((answer) => answer !== undefined);
  }

  /** From the engine. */
  async requested(payload: string): Promise<string> {
    const end = payload.indexOf('\n');
    const kind = payload.slice(0, end);
    const handler = this.#handlers.get(kind);
    if (handler === undefined) throw new Error(`nobody here answers ${kind}`);
    return await handler(payload.slice(end + 1));
  }
}
