import { type Engine, EngineError, type NodeInfo } from './engine.ts';

// What nodes ask each other: a kind, and a text that whoever answers that kind understands.

export type NodeHandler = (payload: string) => Promise<string>;

/** What a question to all nodes has brought. */
export interface Round {
  readonly answers: readonly string[];
  /** Those that live as far as is known, and have not answered. */
  readonly silent: readonly NodeInfo[];
}

export class Nodes {
  readonly #engine: Engine;
  readonly #self: string;
  readonly #handlers = new Map<string, NodeHandler>();
  /** Those that the engine has named last. */
  #known: readonly NodeInfo[] = [];

  /** @param self the name of this node */
  constructor(engine: Engine, self: string) {
    this.#engine = engine;
    this.#self = self;
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

  /**
   * Asks all that live, or lived when the engine could last say so, and names those that do not answer. This node answers
   * whatever the engine does.
   * @param only the one node that is asked
   */
  async askEach(kind: string, payload: string, timeout: number, only?: string): Promise<Round> {
    const own = this.requested(`${kind}\n${payload}`);
    // It is waited for later.
    own.catch(() => {});
    const others = (await this.#living(timeout)).filter(({ id }) => id !== this.#self && (only ?? id) === id);
    const asked = await Promise.all(
      others.map(async (node) => {
        try {
          return await this.ask(node.id, kind, payload, timeout);
        } catch (error) {
          if (error instanceof EngineError) return node;
          throw error;
        }
      }),
    );
    const answers = asked.filter((each) => typeof each === 'string');
    const silent = asked.filter((each) => typeof each !== 'string');
    return { answers: only === undefined || only === this.#self ? [await own, ...answers] : answers, silent };
  }

  /** From the engine. */
  async requested(payload: string): Promise<string> {
    const end = payload.indexOf('\n');
    const kind = payload.slice(0, end);
    const handler = this.#handlers.get(kind);
    if (handler === undefined) throw new Error(`nobody here answers ${kind}`);
    return await handler(payload.slice(end + 1));
  }

  async #living(timeout: number): Promise<readonly NodeInfo[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeout, undefined);
    });
    try {
      this.#known = (await Promise.race([this.#engine.nodes(), late])) ?? this.#known;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
    } finally {
      clearTimeout(timer);
    }
    return this.#known;
  }
}
