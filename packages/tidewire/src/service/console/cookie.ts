import type { Request } from '../http.ts';

// The cookie of a session. Scripts cannot read it, no other site's page sends it, and over TLS no other host can have set it.

const NAME = 'tidewire-session';

/** Whether the browser speaks TLS, to this process or to a proxy in front of it that says so. */
export function isSecure({ headers, socket }: Pick<Request, 'headers' | 'socket'>): boolean {
  const forwarded = headers['x-forwarded-proto'];
  return 'encrypted' in socket || /^https\b/i.test(String(forwarded ?? ''));
}

/** What the request's cookie holds; the empty string if there is none. */
export function readCookie(request: Request): string {
  const wanted = nameFor(request);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === wanted) return pair.slice(equals + 1).trim();
  }
  return '';
}

/**
 * A Set-Cookie header.
 * @param age seconds; 0 takes the cookie away
 */
export function writeCookie(request: Request, value: string, age: number): string {
  const parts = [`${nameFor(request)}=${value}`, 'Path=/', `Max-Age=${age}`, 'HttpOnly', 'SameSite=Strict'];
  return (isSecure(request) ? [...parts, 'Secure'] : parts).join('; ');
}

/** Browsers send a cookie to every port of a host, where another service may stand: the port is a part of the name. */
function nameFor(request: Request): string {
  const { host = request.headers[':authority'] } = request.headers;
  const port = /:(\d+)$/.exec(String(host ?? ''))?.[1];
  // RFC 6265bis, 4.1.3.2: a name that begins like this was set by this very host, over TLS, for all paths.
  return `${isSecure(request) ? '__Host-' : ''}${NAME}${port === undefined ? '' : `-${port}`}`;
}
