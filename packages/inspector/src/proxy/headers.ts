import { isIP } from 'node:net';
import type { HeaderPairs } from '../recording/index.ts';
import type { Target } from './target.ts';

// What a proxy changes of the headers, and what it leaves.

/** What is said to the target in place of the Origin of a page. */
export type OriginChange =
  /** That of the target, if it was the proxy's own; others stay. */
  | 'own'
  /** It stays as it is. */
  | 'keep'
  /** This one. */
  | { readonly is: string };

export function pairsOf(rawHeaders: readonly string[]): HeaderPairs {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return pairs;
}

/** About one connection and not the message (RFC 9110, 7.6.1), so that they are not passed on with plain requests. */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings'],
]);

/** Without those that are about the connection. */
export function withoutHopByHop(headers: HeaderPairs): HeaderPairs {
  const named = new Set(
    headers
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) =>
        value
          .toLowerCase()
          .split(',')
          .map((each) => each.trim()),
      ),
  );
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    // Whoever names it there must not make a request lose what says where it ends.
    return !hopByHop.has(lower) && (!named.has(lower) || lower === 'content-length' || lower === 'host');
  });
}

/** The headers of a request as the target is to get them: its own Host, and perhaps another Origin. */
export function forTarget(headers: HeaderPairs, target: Target, scheme: string, change: OriginChange): HeaderPairs {
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  return headers.map(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'host') return [name, target.host];
    const isOrigin = lower === 'origin' || lower === 'sec-websocket-origin';
    return isOrigin ? [name, originFor(value, `${scheme}://${host}`, target, change)] : [name, value];
  });
}

function originFor(origin: string, own: string, target: Target, change: OriginChange): string {
  if (typeof change === 'object') return change.is;
  if (change === 'keep' || origin !== own) return origin;
  // A name that somebody else's DNS has pointed here would make a foreign page look like one of the target's.
  return isLocal(own) ? target.origin : origin;
}

/** Whether this is a name that nobody else's DNS can have given: an address, or localhost. */
function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname.endsWith('.localhost') || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

/** The path and query that a request is for, as it was sent; `undefined` if it is none that can be passed on. */
export function pathOf(url: string): string | undefined {
  if (url.startsWith('/') || url === '*') return url;
  // RFC 9112, 3.2.2: a server MUST accept the absolute form, too. Whatever host it names, there is one target only.
  const [, path] = /^https?:\/\/[^/?#]*([/?][^#]*)?$/i.exec(url) ?? [undefined, undefined];
  if (path === undefined) return /^https?:\/\/[^/?#]+$/i.test(url) ? '/' : undefined;
  return path.startsWith('/') ? path : `/${path}`;
}
