import { createHash } from 'node:crypto';

/** A Lua script that the server runs as a whole, before any other command. */
export interface Script {
  readonly text: string;
  /** Its name on the server: https://redis.io/docs/latest/commands/evalsha/ */
  readonly sha: string;
}

export function script(...parts: readonly string[]): Script {
  const text = parts.join('');
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
