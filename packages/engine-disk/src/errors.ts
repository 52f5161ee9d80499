import { EngineError } from '@tidewire/hub';

// What can be wrong with a directory, and what to do then.

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error at the bottom: that of the store rather than of what is around it. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

export function damaged(directory: string, what: string, cause?: unknown): EngineError {
  const advice =
    'Stop the process, then put back a copy of the directory, or move it away to begin with an empty history: clients that come ' +
    'back are then told that they have missed something';
  return new EngineError('UNAVAILABLE', `The store in ${directory} is damaged: ${what}. ${advice}`, { cause });
}

/** Why the store cannot be opened. */
export function unopened(directory: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const cause = rootOf(error);
  switch (codeOf(cause)) {
    case 'LEVEL_LOCKED':
      return new EngineError('UNAVAILABLE', `The store in ${directory} is in use by another process or engine`, {
        cause,
      });
    case 'LEVEL_CORRUPTION':
      return damaged(directory, reasonOf(cause), cause);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EngineError('UNAVAILABLE', `The directory ${directory} may not be written to by this user`, { cause });
    case 'ENOENT':
      return new EngineError('UNAVAILABLE', `No directory can be made at ${directory}`, { cause });
    case 'EEXIST':
    case 'ENOTDIR':
      return new EngineError('UNAVAILABLE', `${directory} is, or is in, a file, and must be a directory`, { cause });
    default:
      return new EngineError('UNAVAILABLE', `The store in ${directory} cannot be opened: ${reasonOf(cause)}`, {
        cause,
      });
  }
}

/** Why something could not be stored or read. */
export function failed(directory: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const cause = rootOf(error);
  if (codeOf(cause) === 'LEVEL_CORRUPTION') return damaged(directory, reasonOf(cause), cause);
  return new EngineError('UNAVAILABLE', `The store in ${directory} does not work: ${reasonOf(cause)}`, { cause });
}
