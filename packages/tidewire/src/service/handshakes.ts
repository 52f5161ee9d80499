import { type Answer, json, type Request, text } from './http.ts';
import { isFromHere } from './same-origin.ts';

// A page cannot read the headers of its own WebSocket's opening handshake. It names the handshake with an id of its own
// making, `?handshake=<id>`, and then asks for what the server saw: GET /api/handshakes/<id>. Who does not know the id
// learns nothing, and what could let somebody in elsewhere is not kept at all.

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

export interface HandshakeRecord {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly remoteAddress: string;
  readonly request: HeaderPairs;
  readonly response: { readonly status: number; readonly headers: HeaderPairs };
}

/** In milliseconds. */
const KEPT_FOR = 60_000;
const MOST = 1000;
const PATH = '/api/handshakes/';
const ID = /^[0-9a-f]{16,64}$/i;
const secret = new Set(['cookie', 'authorization', 'proxy-authorization', 'set-cookie']);

export class Handshakes {
  readonly #records = new Map<string, { readonly record: HandshakeRecord; readonly timer: NodeJS.Timeout }>();

  /** Whether the request names an id. */
  wants({ url = '' }: Pick<Request, 'url'>): boolean {
    return idIn(url) !== undefined;
  }

  /** Keeps the record for a minute, if its URL names an id; and no more than a thousand, the latest. */
  keep(record: HandshakeRecord): void {
    const id = idIn(record.url);
    if (id === undefined) return;
    this.#drop(id);
    for (const oldest of this.#records.keys()) {
      if (this.#records.size < MOST) break;
      this.#drop(oldest);
    }
    const timer = setTimeout(() => this.#drop(id), KEPT_FOR).unref();
    const { request, response } = record;
    const kept = {
      ...record,
      url: withoutToken(record.url),
      request: withoutSecrets(request),
      response: { ...response, headers: withoutSecrets(response.headers) },
    };
    this.#records.set(id, { record: kept, timer });
  }

  readonly resource = (path: string, request: Request): Answer | undefined => {
    if (!path.startsWith(PATH)) return undefined;
    if (!isFromHere(request)) return text(403, 'Only pages of this server may ask.');
    const kept = this.#records.get(path.slice(PATH.length).toLowerCase());
    return kept === undefined ? text(404, 'No handshake is known by this id.') : json(200, kept.record);
  };

  #drop(id: string): void {
    clearTimeout(this.#records.get(id)?.timer);
    this.#records.delete(id);
  }
}

function idIn(url: string): string | undefined {
  const [, query = ''] = url.split('?', 2);
  const id = new URLSearchParams(query).get('handshake');
  return id !== null && ID.test(id) ? id.toLowerCase() : undefined;
}

/** JSON lines take a token in the URL. */
function withoutToken(url: string): string {
  return url.replace(/([?&]token=)[^&]*/gi, '$1(not kept)');
}

function withoutSecrets(headers: HeaderPairs): HeaderPairs {
  return headers.map(([name, value]) => [name, secret.has(name.toLowerCase()) ? '(not kept)' : value]);
}
