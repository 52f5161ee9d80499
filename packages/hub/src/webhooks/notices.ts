import { randomUUID } from 'node:crypto';
import type { Trace } from '../permissions.ts';
import type { Json } from '../publication.ts';
import type { Message, Poster } from './poster.ts';
import { WebhookError } from './poster.ts';
import { jsonObject } from './questions.ts';

// Tells an application what has happened, in the order in which it has: one request at a time, with all that waits in it. A
// request that fails is repeated as it was until it gets through or is given up; what comes behind it waits meanwhile, so
// that nothing overtakes. What does not fit into the queue any more pushes out the oldest in it, because the newest says how things
// are.

export interface NoticeOptions {
  /** Notices that one request tells of. Default 100. */
  readonly maxBatch?: number | undefined;
  /** Notices that may wait. Default 10 000. */
  readonly maxQueue?: number | undefined;
  /** Times that a request is made. Default 12. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds after which a notice is given up. Default 600 000. */
  readonly maxAge?: number | undefined;
  /** Milliseconds before the second attempt; each further one waits for up to twice as long. Default 500. */
  readonly firstDelay?: number | undefined;
  /** Milliseconds that lie between two attempts at most. Default 60 000. */
  readonly maxDelay?: number | undefined;
}

export type NoticeDone = (
  event: string,
  outcome: 'ok' | 'failed' | 'dropped',
  duration: number,
  attempts: number,
) => void;

interface Notice {
  readonly event: string;
  readonly body: Json;
  readonly trace: Trace | undefined;
  /** When it was given, by the clock that does not jump. */
  readonly since: number;
}

interface Batch {
  readonly notices: readonly Notice[];
  readonly message: Omit<Message, 'attempt'>;
}

export class Notices {
  readonly #poster: Poster;
  readonly #url: URL;
  readonly #options: Required<{ [Name in keyof NoticeOptions]: number }>;
  readonly #done: NoticeDone;
  readonly #failed: (error: unknown) => void;
  #queue: Notice[] = [];
  #isWorking = false;
  /** Nothing more is taken. */
  #isStopped = false;
  /** Nothing more is sent. */
  #isOver = false;
  #wake: () => void = () => {};
  #idle: () => void = () => {};

  /** @param failed is told why notices are given up */
  constructor(poster: Poster, url: URL, options: NoticeOptions, done: NoticeDone, failed: (error: unknown) => void) {
    const { maxBatch = 100, maxQueue = 10_000, maxAttempts = 12, maxAge = 600_000 } = options;
    const { firstDelay = 500, maxDelay = 60_000 } = options;
    this.#poster = poster;
    this.#url = url;
    this.#options = { maxBatch, maxQueue, maxAttempts, maxAge, firstDelay, maxDelay };
    this.#done = done;
    this.#failed = failed;
  }

  /** @param fields of the notice, as JSON */
  tell(event: string, fields: Readonly<Record<string, Json | undefined>>, trace: Trace | undefined): void {
    const notice = { event, trace, since: performance.now() };
    const body = jsonObject({
      type: JSON.stringify(event),
      id: JSON.stringify(randomUUID()),
      time: JSON.stringify(Date.now() / 1000),
      ...fields,
      traceparent: trace && JSON.stringify(trace.traceparent),
      tracestate: trace?.tracestate && JSON.stringify(trace.tracestate),
    });
    if (this.#isStopped) {
      this.#drop([{ ...notice, body }], 0);
      return;
    }
    this.#queue.push({ ...notice, body });
    if (this.#queue.length > this.#options.maxQueue) this.#drop(this.#queue.splice(0, 1), 0);
    if (this.#isWorking) return;
    this.#isWorking = true;
    // What the same turn has to say goes with it.
    setImmediate(() => void this.#work());
  }

  /**
   * Sends what waits, without long pauses, and drops what is left of it.
   * @param within milliseconds. Resolves by then; what is on its way may still arrive
   */
  async stop(within: number): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    if (this.#isWorking) {
      const idle = new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      const timer = setTimeout(() => this.#idle(), within);
      await idle;
      clearTimeout(timer);
    }
    this.#isOver = true;
    this.#wake();
    this.#drop(this.#queue.splice(0), 0);
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) await this.#deliver(this.#next());
    this.#isWorking = false;
    this.#idle();
  }

  #next(): Batch {
    const notices = this.#queue.splice(0, this.#options.maxBatch);
    const id = randomUUID();
    const list = notices.map(({ body }) => body).join(',');
    const traces = new Set(notices.map(({ trace }) => trace?.traceparent));
    return {
      notices,
      message: {
        url: this.#url,
        id,
        event: 'notices',
        body: `{"type":"notices","id":${JSON.stringify(id)},"notices":[${list}]}`,
        trace: traces.size === 1 ? notices[0]?.trace : undefined,
      },
    };
  }

  /** Resolves when the batch has arrived or is given up. Never rejects. */
  async #deliver({ notices, message }: Batch): Promise<void> {
    const oldest = notices[0]?.since ?? 0;
    for (let attempt = 1; ; attempt++) {
      const started = performance.now();
      try {
        await this.#poster.post({ ...message, attempt });
        const duration = performance.now() - started;
        for (const { event } of notices) this.#done(event, 'ok', duration, attempt);
        return;
      } catch (error) {
        const now = performance.now();
        this.#done(message.event, 'failed', now - started, attempt);
        const delay = this.#delay(attempt, error);
        const isTooOld = now + delay - oldest > this.#options.maxAge;
        if (isTooOld || attempt >= this.#options.maxAttempts || this.#isOver) {
          this.#failed(new WebhookError(`${notices.length} notices were given up`, { cause: error }));
          return this.#drop(notices, attempt);
        }
        await this.#pause(delay);
        if (this.#isOver) return this.#drop(notices, attempt);
      }
    }
  }

  /** Half of it by chance, so that nodes that have failed together do not come again together. */
  #delay(attempt: number, error: unknown): number {
    const { firstDelay, maxDelay } = this.#options;
    const longest = Math.min(maxDelay, firstDelay * 2 ** (attempt - 1));
    const delay = longest * (0.5 + Math.random() / 2);
    const wanted = error instanceof WebhookError ? (error.retryAfter ?? 0) : 0;
    return Math.min(maxDelay, Math.max(delay, wanted));
  }

  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#isStopped ? Math.min(delay, this.#options.firstDelay) : delay);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #drop(notices: readonly Notice[], attempts: number): void {
    for (const { event, since } of notices) this.#done(event, 'dropped', performance.now() - since, attempts);
  }
}
