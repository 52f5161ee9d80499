import { TUNNEL_PARAMETER } from '@tidewire/tunnel';

/**
 * Where the requests of a tunnel go: the URL of the WebSocket over http, with one more parameter, and without the user and
 * password, which `fetch` takes in headers only.
 * @param url with the scheme ws, wss, http or https
 * @param session the id of a session, or `open`
 */
export function tunnelAddress(url: URL, session: string): URL {
  const address = new URL(url);
  address.protocol = url.protocol === 'wss:' || url.protocol === 'https:' ? 'https:' : 'http:';
  address.username = '';
  address.password = '';
  address.hash = '';
  address.search = `${url.search === '' ? '?' : `${url.search}&`}${TUNNEL_PARAMETER}=${session}`;
  return address;
}
