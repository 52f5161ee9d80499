import type { Msg, Subscription } from '@nats-io/transport-node';
import { EngineError, type EngineListener } from '@tidewire/hub';
import { asEngineError, isNobodyThere, isTimeout } from './failures.ts';
import type { Link } from './link.ts';
import type { Subjects } from './subjects.ts';

// Requests from node to node. Each listens to a subject of its own; the server says at once when nobody does. An answer begins
// with `k`, the message of what was thrown with `e`.

export class Requests {
  readonly #link: Link;
  readonly #subjects: Subjects;
  #listening: Subscription | undefined;

  constructor(link: Link, subjects: Subjects) {
    this.#link = link;
    this.#subjects = subjects;
  }

  listen(node: string, listener: EngineListener): void {
    this.#listening = answering(this.#link, this.#subjects.requests(node), (payload) => listener.requested(payload));
  }

  /** Takes no more requests. */
  close(): void {
    if (this.#listening !== undefined && !this.#listening.isClosed()) this.#listening.unsubscribe();
  }

  async request(node: string, payload: string, timeout: number): Promise<string> {
    this.#link.check();
    const data = Buffer.from(payload);
    this.#link.checkSize(data);
    if (!this.#link.isUp) throw new EngineError('UNAVAILABLE', 'NATS is not connected');
    try {
      const answer = (await this.#link.nats.request(this.#subjects.requests(node), data, { timeout })).string();
      if (answer[0] === 'k') return answer.slice(1);
      throw new EngineError('REQUEST_FAILED', answer.slice(1));
    } catch (error) {
      if (isNobodyThere(error)) throw new EngineError('NODE_GONE', `There is no node ${node}`, { cause: error });
      if (isTimeout(error))
        throw new EngineError('REQUEST_TIMEOUT', `The node ${node} has not answered in time`, { cause: error });
      throw asEngineError(error);
    }
  }
}

/** Takes the requests to a subject. */
export function answering(link: Link, subject: string, answer: (payload: string) => Promise<string>): Subscription {
  const respond = async (message: Msg) => {
    let text: string;
    try {
      text = `k${await answer(message.string())}`;
      link.checkSize(Buffer.from(text));
    } catch (error) {
      text = `e${error instanceof Error ? error.message : String(error)}`;
    }
    if (!link.nats.isClosed()) message.respond(text);
  };
  return link.nats.subscribe(subject, {
    callback: (error, message) => {
      if (error === null) void respond(message);
    },
  });
}
