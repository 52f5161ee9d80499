import { openSession, type WebSocketFailure } from '@tidewire/client';
import { dialogueKind } from '../client/kinds.ts';
import { initOf } from '../worker/agent.ts';
import type { WorkerStart } from '../worker/messages.ts';

/** A server is not there, or does not take the first connection. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly url: string;
  /** `undefined` if the server closed the connection while it was being opened. */
  readonly failure: WebSocketFailure | undefined;

  constructor(url: string, failure: WebSocketFailure | undefined) {
    super(`Could not connect to ${url}: ${failure?.message ?? 'the server closed the connection'}`);
    this.url = url;
    this.failure = failure;
  }
}

/**
 * Opens and closes a connection to each server, before any load is made.
 * @throws UnreachableError
 */
export async function probe(start: Pick<WorkerStart, 'scenario' | 'ca'>): Promise<void> {
  const { target } = start.scenario;
  const kind = dialogueKind(target.protocol);
  const init = initOf(start);
  await Promise.all(
    target.url.map(
      (url) =>
        new Promise<void>((resolve, reject) => {
          const session = openSession(
            kind.addressOf(url, target),
            {
              opened: () => {
                resolve();
                session.close(1000);
              },
              message: () => {},
              closed: ({ failure }) => reject(new UnreachableError(url, failure)),
            },
            init,
          );
        }),
    ),
  );
}
