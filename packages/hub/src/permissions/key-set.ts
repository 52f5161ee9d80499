import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';

// A set of public keys (RFC 7517, 5), given or fetched. jose chooses the key by the token's `kid` and algorithm, refuses secrets
// in it, and asks for the set again when a token names a key that is not there.

export interface RemoteKeySet {
  readonly url: string | URL;
  /**
   * Milliseconds after a fetch in which an unknown key leads to no other. A client with a token by such a key is told to come
   * again meanwhile. Default 5000.
   */
  readonly cooldown?: number | undefined;
  /** Milliseconds after which the set is fetched anew. Default 600 000. */
  readonly maxAge?: number | undefined;
  /** Milliseconds that a fetch may take. Default 5000. */
  readonly timeout?: number | undefined;
  /** To send with the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const MAX_SIZE = 1 << 20;
/** Milliseconds after a fetch that has failed in which there is no other. */
const PAUSE = 1000;

async function bounded(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_SIZE) throw new Error(`the key set is larger than ${MAX_SIZE} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status });
}

/** `fetch` with a limit, and with a pause after a failure: each connection of a crowd would ask otherwise. */
function carefulFetch(): FetchImplementation {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (url, options) => {
    if (performance.now() - failedAt < PAUSE) throw new Error('the key set could not be fetched a moment ago');
    try {
      const response = await fetch(url, options);
      if (response.status === 200) return await bounded(response);
      await response.body?.cancel();
      throw new Error(`the key set was answered with ${response.status}`);
    } catch (error) {
      failedAt = performance.now();
      throw error;
    }
  };
}

export interface KeySet {
  readonly keyFor: JWTVerifyGetKey;
  /** Whether a key that is not there would be asked for. */
  asksAgain(): boolean;
}

/** @throws TypeError if it has the URL of no web server; JOSEError if it is no set */
export function keySet(source: RemoteKeySet | JSONWebKeySet): KeySet {
  if (!('url' in source)) return { keyFor: createLocalJWKSet(source), asksAgain: () => true };
  const url = new URL(source.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TypeError('tokens.jwks.url must begin with https: or http:');
  }
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: source.timeout ?? 5000,
    cooldownDuration: source.cooldown ?? 5000,
    cacheMaxAge: source.maxAge ?? 600_000,
    headers: { ...source.headers },
    [customFetch]: carefulFetch(),
  });
  return { keyFor: remote, asksAgain: () => !remote.coolingDown };
}
