/** Something that the person at the command line can put right: said in a line on stderr, with exit code 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  /** Whether the same command may succeed later, so that it is worth repeating: exit code 1. */
  readonly isTemporary: boolean = false;

  /** One for each thing that is wrong. */
  get lines(): readonly string[] {
    return [this.message];
  }
}

/** What the service needs is not there at present. */
export class NotThereError extends UsageError {
  override readonly name = 'NotThereError';
  override readonly isTemporary = true;
}

/** What an error of the operating system means, in a few words. */
export function describeSystemError(error: unknown): string {
  const code = codeOf(error);
  const known = code === undefined ? undefined : meanings[code];
  if (known !== undefined) return known;
  if (!(error instanceof Error)) return String(error);
  // OpenSSL's own message is a line of its log.
  if ('library' in error && 'reason' in error && typeof error.reason === 'string') return error.reason;
  return oneLine(error.message);
}

/** The same of a file that is to be written: what is missing then is its directory. */
export function describeWriteError(error: unknown): string {
  return codeOf(error) === 'ENOENT' ? 'there is no such directory' : describeSystemError(error);
}

/** The stable code of an error of Node's, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  ENOTDIR: 'what should be a directory is a file',
  EEXIST: 'it is there already',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'the address is not one of this machine',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be resolved at present',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer came in time',
};
