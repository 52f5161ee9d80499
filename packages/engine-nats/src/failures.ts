import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { EngineError } from '@tidewire/hub';

// What can go wrong with NATS, in the words of its client, and which of it will pass.

/** A code of an answer of JetStream, if it is one. */
export function apiCode(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

export function isNobodyThere(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  if (error instanceof errors.RequestError) return error.isNoResponders();
  // The client of JetStream wraps it in an error of its own.
  return error instanceof Error && error.name === 'JetStreamNotEnabled' && isNobodyThere(error.cause);
}

export function isTimeout(error: unknown): boolean {
  return error instanceof errors.TimeoutError || error instanceof Elapsed;
}

export function unavailable(error: unknown): EngineError {
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError('UNAVAILABLE', `NATS: ${message}`, { cause: error });
}

export function asEngineError(error: unknown): EngineError {
  return error instanceof EngineError ? error : unavailable(error);
}

class Elapsed extends Error {}

/** What was done has to be done again. */
export class Again extends Error {}

export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Elapsed('No answer in time')), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([promise, elapsed]);
  } finally {
    clearTimeout(timer);
  }
}

/** No leader yet, no answer, no connection: the states of a cluster that heals. */
export function mayPass(error: unknown): boolean {
  if (isNobodyThere(error) || isTimeout(error) || error instanceof Again) return true;
  if (error instanceof JetStreamApiError) return error.status === 503;
  return error instanceof errors.RequestError || error instanceof errors.ConnectionError;
}
