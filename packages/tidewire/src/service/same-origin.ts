import { isSameHost } from '@tidewire/server';
import type { Request } from './http.ts';

/** Whether a page of this very origin asks, or nobody who is a page. */
export function isFromHere({ headers }: Pick<Request, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host = headers[':authority'] } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

/**
 * Whether a page of this very origin asks, for certain: nobody else may do what a cookie allows. Browsers say where what changes
 * something and what opens a WebSocket come from; a GET may come without it, changes nothing, and its answer is kept from others.
 * @param isSecure whether the browser speaks TLS; a page that came without it is of another origin then
 */
export function isSurelyFromHere({ headers, method }: Pick<Request, 'headers' | 'method'>, isSecure: boolean): boolean {
  const { origin, host = headers[':authority'] } = headers;
  const site = headers['sec-fetch-site'];
  const isReading = (method === 'GET' || method === 'HEAD') && headers.upgrade === undefined;
  if (site !== undefined && site !== 'same-origin') return site === 'none' && isReading;
  if (origin === undefined) return site === 'same-origin' || isReading;
  if (isSecure && !origin.startsWith('https:')) return false;
  return site === 'same-origin' || isSameHost(origin, String(host));
}
