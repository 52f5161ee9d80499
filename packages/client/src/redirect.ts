import { failure, handshakeFailure, type RefusedResponse } from './failures.ts';
import type { ResolvedOptions, TlsOptions } from './options.ts';
import { isSecure, toWebSocketScheme } from './target.ts';

// Redirects, for programs that ask for them: https://fetch.spec.whatwg.org/#http-redirect-fetch. Browsers follow none.

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What proves to one origin who we are and is nobody else's business. */
const credentialHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'cookie2', 'proxy-authorization']);

export interface Hop {
  readonly target: URL;
  readonly options: ResolvedOptions;
}

export function isRedirect(status: number): boolean {
  return redirectStatuses.has(status);
}

/**
 * Where the response sends us, and with what.
 * @param count how many redirects have been followed before
 * @throws WebSocketFailure if this one is not followed
 */
export function followRedirect({ target, options }: Hop, response: RefusedResponse, count: number): Hop {
  const { max, allowInsecure } = options.redirects;
  if (max === 0) throw handshakeFailure('STATUS', response);
  if (count >= max) throw failure('REDIRECT_LIMIT', { response });
  const location = response.headers.get('Location');
  const next = location !== undefined && URL.canParse(location, target.href) ? new URL(location, target) : undefined;
  if (next === undefined || !toWebSocketScheme(next)) throw failure('REDIRECT_TARGET', { response });
  next.hash = '';
  if (isSecure(target) && !isSecure(next) && !allowInsecure) throw failure('REDIRECT_INSECURE', { response });
  // A downgrade is another origin, too: the scheme belongs to it.
  return next.origin === target.origin
    ? { target: next, options }
    : { target: next, options: withoutCredentials(options) };
}

function withoutCredentials(options: ResolvedOptions): ResolvedOptions {
  const headers = options.headers.filter(([name]) => !credentialHeaders.has(name.toLowerCase()));
  // A connection that the program has made leads to the origin that we leave.
  return { ...options, headers, tls: withoutIdentity(options.tls), http2: options.http2 !== false };
}

/** A client certificate is a credential; `servername` and the check of the name are about the host that we leave. */
function withoutIdentity(tls: TlsOptions): TlsOptions {
  const { cert, key, pfx, passphrase, servername, checkServerIdentity, secureContext, ...rest } = tls;
  return rest;
}
