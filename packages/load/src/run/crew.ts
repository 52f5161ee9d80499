import { Worker } from 'node:worker_threads';
import type { Answer, Command, Report, WorkerStart } from '../worker/messages.ts';

// The worker threads of a run, and what is said to all of them.

/** Workers run what is built, also where the rest runs from its sources. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/worker/entry.js' : '../worker/entry.js',
  import.meta.url,
);

type AnswerOf<Type extends Answer['type']> = Extract<Answer, { readonly type: Type }>;

export class Crew {
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #fail: (error: unknown) => void = () => {};
  /** Rejects when a worker breaks. */
  readonly #broken: Promise<never>;

  constructor(start: Omit<WorkerStart, 'index'>, reported: (worker: number, report: Report) => void) {
    this.#broken = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    this.#broken.catch(() => {});
    this.#workers = Array.from({ length: start.count }, (_, index) => {
      const worker = new Worker(entry, {
        workerData: { ...start, index } satisfies WorkerStart,
        // Not those by which a test runs from the sources.
        execArgv: [],
      });
      worker.on('error', (error) => this.#fail(error));
      worker.on('message', (answer: Answer) => {
        if (answer.type === 'report') reported(index, answer.report);
        else this.#waiting.get(index)?.(answer);
      });
      return worker;
    });
  }

  /** Tells all. Resolves with the answers of this type, when all have given one. @throws what a worker has thrown */
  async ask<Type extends Answer['type']>(command: Command, type: Type): Promise<readonly AnswerOf<Type>[]> {
    const answers = this.#workers.map(
      (worker, index) =>
        new Promise<AnswerOf<Type>>((resolve) => {
          this.#waiting.set(index, (answer) => {
            if (isOf(answer, type)) resolve(answer);
          });
          worker.postMessage(command);
        }),
    );
    return Promise.race([Promise.all(answers), this.#broken]);
  }

  tell(command: Command): void {
    for (const worker of this.#workers) worker.postMessage(command);
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function isOf<Type extends Answer['type']>(answer: Answer, type: Type): answer is AnswerOf<Type> {
  return answer.type === type;
}
