import { TUNNEL_PARAMETER } from '@tidewire/tunnel';

/** What the URL of a tunnel's request says. */
export interface TunnelTarget {
  /** The request target without the tunnel's parameter: that of the handshake that it stands for. */
  readonly target: string;
  /** The id of a session, or `open`. */
  readonly session: string;
}

const MARK = `${TUNNEL_PARAMETER}=`;

/** `undefined` if the request is none of a tunnel: the parameter is not the last of the query. */
export function readTunnelTarget(target: string): TunnelTarget | undefined {
  const at = target.lastIndexOf(MARK);
  const separator = target[at - 1];
  if (at < 1 || (separator !== '?' && separator !== '&')) return undefined;
  const session = target.slice(at + MARK.length);
  return /^[0-9a-z]*$/.test(session) ? { target: target.slice(0, at - 1), session } : undefined;
}
