/**
 * Where a login leads: the path in `?to=`, if it is one of this site.
 * @param origin of this site
 */
export function targetOf(search: string, origin: string, otherwise: string): string {
  const to = new URLSearchParams(search).get('to');
  if (to === null || !to.startsWith('/') || !URL.canParse(to, origin)) return otherwise;
  // Browsers take //host and /\host, and those with tabs and line ends in between, for another host.
  const { origin: itsOrigin, pathname, search: query, hash } = new URL(to, origin);
  return itsOrigin === origin && !pathname.startsWith('//') ? pathname + query + hash : otherwise;
}
