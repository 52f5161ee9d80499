import type { UpgradeRequest } from './upgrade-request.ts';

// Which pages may connect. A browser sends its user's cookies with a WebSocket to any host, so that without a check every
// page on the web could act as the user: RFC 6455, 10.2.

export type OriginOption =
  | 'same-host'
  | readonly string[]
  | ((origin: string, request: UpgradeRequest) => boolean | Promise<boolean>);

/** A rule of the application's own. */
export interface AskingRule {
  readonly ask: (origin: string, request: UpgradeRequest) => boolean | Promise<boolean>;
}

export type OriginRule = AskingRule | { readonly allows: (origin: string, host: string) => boolean };

/** @throws TypeError if the option is none of its three kinds, or an entry of the list is not an origin */
export function originRule(option?: 'same-host' | readonly string[]): Exclude<OriginRule, AskingRule>;
export function originRule(option?: OriginOption): OriginRule;
export function originRule(option: OriginOption = 'same-host'): OriginRule {
  if (option === 'same-host') return { allows: rememberLast(isSameHost) };
  if (typeof option === 'function') return { ask: option };
  if (!Array.isArray(option)) throw new TypeError(`origin must be 'same-host', a list or a function`);
  const allowed = new Set(option.map(normalized));
  return { allows: (origin) => allowed.has(origin.toLowerCase()) };
}

/**
 * Whether a page from `origin` asks the host that it came from. The scheme is not compared: behind a proxy that speaks TLS
 * for the server, the server does not know its own.
 */
export function isSameHost(origin: string, host: string): boolean {
  if (!/^https?:\/\//i.test(origin)) return false;
  try {
    const { protocol, host: originHost, origin: itself } = new URL(origin);
    // An Origin is scheme, host and port, and no more: RFC 6454, 6.2.
    if (itself !== origin.toLowerCase()) return false;
    // The same scheme for both, so that its default port is left out of both.
    return new URL(`${protocol}//${host}`).host === originHost;
  } catch {
    return false;
  }
}

/** The pages of a service come from one host, mostly, and comparing takes parsing two URLs. */
function rememberLast(isAllowed: (origin: string, host: string) => boolean): (origin: string, host: string) => boolean {
  let lastOrigin: string | undefined;
  let lastHost: string | undefined;
  return (origin, host) => {
    if (origin === lastOrigin && host === lastHost) return true;
    if (!isAllowed(origin, host)) return false;
    lastOrigin = origin;
    lastHost = host;
    return true;
  };
}

function normalized(origin: unknown): string {
  if (typeof origin === 'string' && /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/i.test(origin)) return origin.toLowerCase();
  throw new TypeError(`origin must list origins such as "https://example.com", not ${JSON.stringify(origin)}`);
}
