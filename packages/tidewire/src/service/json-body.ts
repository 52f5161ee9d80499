import { type Answer, json, type Request } from './http.ts';

// The small bodies that pages send, and what is answered where one of them is wrong.

/** Bytes of a request: a name, a key or a token. */
const MAX_BODY = 16 * 1024;

/** For the body to come, in milliseconds. */
const BODY_TIMEOUT = 10_000;

/** What is wrong with a body that is yet to come, as far as its headers say; `undefined` if nothing is. */
export function refuseBody({ headers }: Request): Answer | undefined {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
    return problem(415, 'The body must be application/json.');
  if (Number(headers['content-length'] ?? 0) > MAX_BODY)
    return problem(413, `The body may have ${MAX_BODY} bytes.`, { Connection: 'close' });
  return undefined;
}

/** `undefined` if it is no JSON. Rejects if it does not come whole, in time and within the limit. */
export async function readJson(request: Request): Promise<unknown> {
  const late = setTimeout(() => request.destroy(), BODY_TIMEOUT);
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of request) {
      if (!(chunk instanceof Uint8Array)) continue;
      length += chunk.length;
      if (length > MAX_BODY) throw new Error('The body is too large');
      chunks.push(chunk);
    }
    return parse(Buffer.concat(chunks).toString());
  } finally {
    clearTimeout(late);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** None, if it is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function problem(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return withHeaders(json(status, { error }), headers);
}

export function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
