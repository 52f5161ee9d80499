import { Problem } from './problems.ts';

// The body of a request, as far as it can be judged without knowing what is asked. What is too large is not read to its end.

/** Arrays and objects within each other. What is nested more deeply could exhaust the stack of whoever writes it again. */
const MOST_NESTED = 256;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * @param limit bytes
 * @returns what the JSON says; an empty object if there is no body
 * @throws Problem `unsupported-media-type`, `body-too-large` or `malformed-body`
 */
export async function readBody(request: Request, limit: number): Promise<unknown> {
  const bytes = await readBytes(request, limit);
  if (bytes.length === 0) return {};
  assertJsonType(request.headers);
  return parse(textOf(bytes));
}

function assertJsonType(headers: Headers): void {
  const type = headers.get('content-type') ?? '';
  const isJson = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type);
  const isPlain = /^(?:identity)?$/i.test(headers.get('content-encoding') ?? '');
  if (isJson && isPlain) return;
  // RFC 9110, 15.5.16: what would have been taken.
  const detail = isJson ? 'The body must not be compressed.' : undefined;
  const accepted = { Accept: 'application/json', 'Accept-Encoding': 'identity' };
  throw new Problem('unsupported-media-type', { detail, headers: accepted });
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = () => new Problem('body-too-large', { detail: `At most ${limit} bytes are taken.` });
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Problem('malformed-body', { detail: 'It is not UTF-8.' });
  }
}

function parse(text: string): unknown {
  if (nestingOf(text) > MOST_NESTED) {
    throw new Problem('malformed-body', { detail: `It is nested more than ${MOST_NESTED} levels deep.` });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('malformed-body', { detail: error instanceof SyntaxError ? error.message : undefined });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Of text that may be JSON. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) isInString = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}
