// The opening handshake as the server saw it. A page cannot read the headers of its own WebSocket, so it puts a random id
// into the URL that it connects to, and asks the server for what was recorded under that id.

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface HandshakeRecord {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly remoteAddress: string;
  readonly request: HeaderList;
  readonly response: { readonly status: number; readonly headers: HeaderList };
}

/** `url` with a new id for the server to record the handshake under, or `undefined` if `url` is not on `host`. */
export function tagHandshake(url: string, host: string): { readonly url: string; readonly id: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const tagged = new URL(url);
  if (tagged.host !== host) return undefined;
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
  tagged.searchParams.set('handshake', id);
  return { url: tagged.href, id };
}

/** What the server recorded, or `undefined` if it has nothing under that id or cannot be reached. */
export async function fetchHandshake(id: string): Promise<HandshakeRecord | undefined> {
  try {
    const response = await fetch(`/api/handshakes/${id}`, { cache: 'no-store' });
    return response.ok ? readHandshake(await response.json()) : undefined;
  } catch {
    return undefined;
  }
}

/** `value` if it is a record of a handshake, else `undefined`. */
export function readHandshake(value: unknown): HandshakeRecord | undefined {
  if (!isObject(value) || !isObject(value.response)) return undefined;
  const { method, url, httpVersion, remoteAddress, request } = value;
  const { status, headers } = value.response;
  if (typeof method !== 'string' || typeof url !== 'string') return undefined;
  if (typeof httpVersion !== 'string' || typeof remoteAddress !== 'string') return undefined;
  if (!isHeaderList(request) || typeof status !== 'number' || !isHeaderList(headers)) return undefined;
  return { method, url, httpVersion, remoteAddress, request, response: { status, headers } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isHeaderList(value: unknown): value is HeaderList {
  return Array.isArray(value) && value.every(isHeader);
}

function isHeader(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}
