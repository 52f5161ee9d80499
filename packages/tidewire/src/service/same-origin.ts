import type { Request } from './http.ts';

/** Whether a page of this very origin asks, or nobody who is a page. */
export function isFromHere({ headers }: Pick<Request, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host = headers[':authority'] } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
