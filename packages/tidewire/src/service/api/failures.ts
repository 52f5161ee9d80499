import { CommandError, EngineError, type EngineErrorCode, errorCodes } from '@tidewire/hub';
import { Problem, type ProblemKind } from './problems.ts';

// What the hub throws, as a problem of HTTP.

const byCode: ReadonlyMap<number, ProblemKind> = new Map([
  [errorCodes.INTERNAL.code, 'internal'],
  [errorCodes.UNKNOWN_CHANNEL.code, 'unknown-channel'],
  [errorCodes.PERMISSION_DENIED.code, 'forbidden'],
  [errorCodes.NOT_AVAILABLE.code, 'not-available'],
  [errorCodes.TOO_MANY_REQUESTS.code, 'too-many-requests'],
  [errorCodes.UNRECOVERABLE_POSITION.code, 'unrecoverable-position'],
]);

const byEngine: Readonly<Record<EngineErrorCode, ProblemKind>> = {
  UNAVAILABLE: 'engine-unavailable',
  NODE_GONE: 'engine-unavailable',
  REQUEST_TIMEOUT: 'engine-unavailable',
  REQUEST_FAILED: 'internal',
  STOPPED: 'draining',
  TOO_LARGE: 'publication-too-large',
};

/** @param failed is told what nobody could expect: nothing of that is said to the client */
export function problemOf(error: unknown, failed: (error: unknown) => void): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CommandError) {
    const { code, message } = error;
    return new Problem(byCode.get(code) ?? 'refused', { detail: message, code });
  }
  if (error instanceof EngineError) {
    const kind = byEngine[error.code];
    if (kind === 'internal') failed(error);
    return new Problem(kind);
  }
  failed(error);
  return new Problem('internal');
}
