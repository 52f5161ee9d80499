import { EngineError, type EngineListener } from '@tidewire/hub';
import { messageOf } from './connection.ts';
import type { Keys } from './keys.ts';
import { numberOf } from './replies.ts';
import * as scripts from './scripts/nodes.ts';
import type { Session } from './session.ts';

// Questions from node to node, on the Pub/Sub channel that each node has for itself.
//
//   qNUMBER NODE newline PAYLOAD      a question, and who asks
//   aNUMBER newline PAYLOAD          the answer
//   fNUMBER newline MESSAGE           it has failed

interface Pending {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: EngineError) => void;
  readonly timer: NodeJS.Timeout;
}

export class Requests {
  readonly #keys: Keys;
  readonly #node: string;
  readonly #listener: EngineListener;
  /** @throws EngineError `TOO_LARGE` */
  readonly #writeable: (text: string) => string;
  readonly #pending = new Map<string, Pending>();
  #count = 0;

  constructor(keys: Keys, node: string, listener: EngineListener, writeable: (text: string) => string) {
    this.#keys = keys;
    this.#node = node;
    this.#listener = listener;
    this.#writeable = writeable;
  }

  async request(session: Session, node: string, payload: string, timeout: number): Promise<string> {
    const number = (this.#count++).toString(36);
    const text = this.#writeable(`q${number} ${this.#node}\n${payload}`);
    const answer = this.#answerTo(number, node, timeout);
    session.commands.run(scripts.tell, [this.#keys.lease(node)], [this.#keys.node(node), text]).then(
      (reply) => {
        const heard = numberOf(reply);
        if (heard < 0) this.#fail(number, new EngineError('NODE_GONE', `There is no node ${node}`));
        else if (heard === 0)
          this.#fail(number, new EngineError('REQUEST_TIMEOUT', `Node ${node} is not connected at the moment`));
      },
      (error) => this.#fail(number, error),
    );
    return answer;
  }

  /** @param text what was said on this node's own channel */
  heard(session: Session, text: string): void {
    const end = text.indexOf('\n');
    if (end === -1) return;
    const [number = '', from] = text.slice(1, end).split(' ');
    const payload = text.slice(end + 1);
    if (text[0] === 'q' && from !== undefined) this.#answer(session, number, from, payload);
    else if (text[0] === 'a') this.#settle(number)?.resolve(payload);
    else if (text[0] === 'f') this.#fail(number, new EngineError('REQUEST_FAILED', payload));
  }

  /** Nobody will hear the answers. */
  failAll(error: EngineError): void {
    for (const number of [...this.#pending.keys()]) this.#fail(number, error);
  }

  #answerTo(number: string, node: string, timeout: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = () =>
        this.#fail(number, new EngineError('REQUEST_TIMEOUT', `Node ${node} has not answered within ${timeout} ms`));
      this.#pending.set(number, { resolve, reject, timer: setTimeout(late, timeout) });
    });
  }

  async #answer({ commands }: Session, number: string, from: string, payload: string): Promise<void> {
    let text: string;
    try {
      text = this.#writeable(`a${number}\n${await this.#listener.requested(payload)}`);
    } catch (error) {
      text = `f${number}\n${messageOf(error)}`;
    }
    // Who has asked hears nothing otherwise, and has a time limit.
    await commands.send(['PUBLISH', this.#keys.node(from), text]).catch(() => {});
  }

  #settle(number: string): Pending | undefined {
    const pending = this.#pending.get(number);
    if (pending === undefined) return undefined;
    clearTimeout(pending.timer);
    this.#pending.delete(number);
    return pending;
  }

  #fail(number: string, error: EngineError): void {
    this.#settle(number)?.reject(error);
  }
}
