import { maskCredentials, maskPlain, maskText } from './mask-text.ts';
import type { ConnectionRecord, HeaderPairs, MessageData, MessageRecord, Recording } from './model.ts';
import { isSecretHeader, SHORT_MASK } from './secret-names.ts';

// A recording is shown and passed on, so what would let somebody in is masked before that. What is masked keeps its kind; the README
// says what is found, and what is not. A mask that is masked again stays as it is.

/** A recording without its secrets. */
export function maskRecording({ connections, messages }: Recording): Recording {
  return { connections: connections.map(maskConnection), messages: messages.map(maskMessage) };
}

export function maskConnection(record: ConnectionRecord): ConnectionRecord {
  const { request, response, end } = record;
  return {
    ...record,
    url: maskUrl(record.url),
    source: maskPlain(record.source),
    subprotocol: maskSubprotocols(record.subprotocol),
    request: { ...request, headers: maskHeaders(request.headers) },
    ...(response === undefined ? {} : { response: { ...response, headers: maskHeaders(response.headers) } }),
    ...(end === undefined
      ? {}
      : {
          end: {
            ...end,
            reason: maskText(end.reason),
            ...(end.error === undefined ? {} : { error: maskPlain(end.error) }),
          },
        }),
  };
}

/** The message itself if there is nothing to mask. Its lengths stay those of what came. */
export function maskMessage(record: MessageRecord): MessageRecord {
  const data = maskData(record.data);
  const original = record.original === undefined ? undefined : maskData(record.original);
  if (data === record.data && original === record.original) return record;
  return original === undefined ? { ...record, data } : { ...record, data, original };
}

/** Users, passwords, and the parameters of the query whose names say that they are secret. */
export function maskUrl(url: string): string {
  return maskPlain(url);
}

export function maskHeaders(headers: HeaderPairs): HeaderPairs {
  return headers.map(([name, value]) => [name, maskHeader(name, value)]);
}

/** The value of a header. */
export function maskHeader(name: string, value: string): string {
  switch (name.toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return maskCredentials(value);
    case 'cookie':
      return maskPairs(value, () => false);
    case 'set-cookie':
      return maskPairs(value, (attribute, index) => index > 0 && attributes.has(attribute.toLowerCase()));
    case 'sec-websocket-protocol':
      return maskSubprotocols(value);
    default:
      return isSecretHeader(name) ? maskCredentials(value) : maskPlain(value);
  }
}

/** RFC 6265, 4.1, and what came since. */
const attributes = new Set([
  'domain',
  'expires',
  'httponly',
  'max-age',
  'partitioned',
  'path',
  'priority',
  'samesite',
  'secure',
]);

/** Cookies keep their names. */
function maskPairs(value: string, isHarmless: (name: string, index: number) => boolean): string {
  return value
    .split(';')
    .map((pair, index) => {
      const [, space = '', name, equals] = /^(\s*)([^=]*)(=?)/.exec(pair) ?? [];
      if (name === undefined || pair.trim() === '') return pair;
      if (isHarmless(name.trim(), index)) return pair;
      return equals === '=' ? `${space}${name}=${SHORT_MASK}` : `${space}${SHORT_MASK}`;
    })
    .join(';');
}

/** What stands before a token in a subprotocol that is made of both, as browsers can send no other header. */
const carrier =
  /^(base64url\.bearer\.authorization\.(?:k8s\.io\.)?|(?:access[-_]?token|api[-_]?key|auth(?:orization)?|bearer|id[-_]?token|jwt|key|password|secret|session|ticket|token)[-._~|+!#]+).+/i;

/** A subprotocol that says that the next one is the token. */
const announcer =
  /^(?:access[-_]?token|api[-_]?key|auth(?:orization)?|bearer|basic|id[-_]?token|jwt|key|password|secret|session|ticket|token)$/i;

/** The entries of a list that carry tokens. */
function maskSubprotocols(value: string): string {
  let isAnnounced = false;
  return value
    .split(',')
    .map((entry) => {
      const [, space = '', name = ''] = /^(\s*)(.*?)\s*$/s.exec(entry) ?? [];
      const masked = isAnnounced && name !== '' ? SHORT_MASK : maskSubprotocol(name);
      isAnnounced = announcer.test(name);
      return space + masked;
    })
    .join(',');
}

function maskSubprotocol(name: string): string {
  const [, before] = carrier.exec(name) ?? [];
  if (before !== undefined) return before + SHORT_MASK;
  return looksRandom(name) ? SHORT_MASK : maskPlain(name);
}

/** Long, and of letters and digits in no order that a name would have. */
function looksRandom(name: string): boolean {
  if (name.length < 20 || !/^[\w.~+/=-]+$/.test(name)) return false;
  if (/eyJ[\w-]{6,}/.test(name)) return true;
  const runs = name.match(/\d+/g)?.length ?? 0;
  return runs >= 3 || (/\d/.test(name) && /[a-z]/.test(name) && /[A-Z]/.test(name));
}

function maskData(data: MessageData): MessageData {
  return typeof data === 'string' ? maskText(data) : maskBytes(data);
}

/** Text in bytes, if it is JSON, is masked as text; in all others only JSON Web Tokens are, so that no length in them is wrong. */
function maskBytes(bytes: Uint8Array): Uint8Array {
  const first = bytes[0];
  if (first === 0x7b || first === 0x5b) {
    const text = decodeText(bytes);
    if (text !== undefined) {
      const masked = maskText(text);
      return masked === text ? bytes : new TextEncoder().encode(masked);
    }
  }
  return maskTokens(bytes);
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Each byte of a token becomes an asterisk. */
function maskTokens(bytes: Uint8Array): Uint8Array {
  let masked: Uint8Array | undefined;
  for (let at = bytes.indexOf(0x65); at >= 0 && at < bytes.length - 12; at = bytes.indexOf(0x65, at + 1)) {
    if (bytes[at + 1] !== 0x79 || bytes[at + 2] !== 0x4a) continue;
    let end = at;
    let dots = 0;
    for (; end < bytes.length && isTokenByte(bytes[end] ?? 0); end++) if (bytes[end] === 0x2e) dots += 1;
    if (dots >= 2) {
      masked ??= bytes.slice();
      masked.fill(0x2a, at, end);
    }
    at = end - 1;
  }
  return masked ?? bytes;
}

/** Of base64url, or the dot between its parts. */
function isTokenByte(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f || byte === 0x2e;
}
