import { isIPv4 } from 'node:net';
import type { Request } from '../http.ts';

// A name of anybody's can be made to lead to this machine, and then a page of that name has this service for its own origin. So
// a service for this machine alone is asked for the console by a name of this machine, or by one that it was told.

export interface HostOptions {
  /** What the service listens on. */
  readonly host: string;
  /** Further names, such as a proxy's. Naming some, or listening on a loopback address, makes all others refused. */
  readonly hosts?: readonly string[] | undefined;
}

/** Whether the request is for a host that the console may be asked for by. */
export function hostRule({ host, hosts = [] }: HostOptions): (request: Pick<Request, 'headers'>) => boolean {
  if (hosts.length === 0 && !isLoopback(host)) return () => true;
  const allowed = new Set([host, ...hosts].map((name) => name.toLowerCase()));
  return ({ headers }) => {
    const name = nameIn(String(headers.host ?? headers[':authority'] ?? ''));
    return isLoopback(name) || allowed.has(name);
  };
}

/** Without its port, and without the dot that may end it (RFC 1034, 3.1). */
function nameIn(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** RFC 6761, 6.3, for the names. */
function isLoopback(name: string): boolean {
  return name === '::1' || /^(?:.+\.)?localhost$/i.test(name) || (isIPv4(name) && name.startsWith('127.'));
}
