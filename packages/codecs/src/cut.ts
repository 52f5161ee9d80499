import type { Decoded } from './decoder.ts';

// A viewer may have only the beginning of a long message. That is no fault of whoever sent it.

const note = ['message', 'only its beginning is here'] as const;

/** As it was decoded, without a problem of its last part. */
export function withoutItsEnd(decoded: readonly Decoded[] | undefined): readonly Decoded[] | undefined {
  const last = decoded?.at(-1);
  if (decoded === undefined || last === undefined) return decoded;
  return [...decoded.slice(0, -1), { ...last, fields: [...last.fields, note], problem: undefined }];
}
