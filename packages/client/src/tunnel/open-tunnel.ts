import { nodePlatform } from '@tidewire/node';
import { type Header, HeaderList } from '@tidewire/protocol';
import type { Transport as TunnelTransport } from '@tidewire/tunnel';
import { asFailure, failure } from '../failures.ts';
import type { Opened } from '../opening.ts';
import type { Hop } from '../redirect.ts';
import { dialRoute, findRoute } from '../route.ts';
import { basicCredentials, isBlockedPort } from '../target.ts';
import { tunnelAddress } from './address.ts';
import { askForTunnel, type TunnelReply } from './ask-for-tunnel.ts';
import { NodePoster } from './node-poster.ts';
import { TunnelError } from './tunnel-error.ts';
import { TunnelPipe } from './tunnel-pipe.ts';

// Opens a tunnel in place of a connection: the same host, proxies, TLS, headers and failures. Redirects are not followed.

/** @throws WebSocketFailure, or the reason of `signal` */
export async function openTunnel(
  hop: Hop,
  subprotocols: readonly string[],
  transports: readonly TunnelTransport[],
  signal: AbortSignal,
): Promise<Opened> {
  const { target, options } = hop;
  if (isBlockedPort(target) && !options.allowBlockedPorts) throw failure('BLOCKED_PORT');
  const dial = async (dialing: AbortSignal) => dialRoute(await findRoute(hop, dialing), hop, dialing);
  const poster = new NodePoster(dial, headersFor(hop));
  try {
    const reply = await askForTunnel(target, subprotocols, poster, signal);
    const { opened } = reply;
    if (opened === undefined) {
      throw failure('TUNNEL_REFUSED', { detail: String(reply.status), response: responseOf(reply) });
    }
    const carrying = { platform: nodePlatform, poster, transports };
    const result: Opened = {
      carry: (owner) =>
        new TunnelPipe(target, opened, carrying, {
          drained: () => owner.drained?.(),
          failed: (outcome) => owner.failed?.(new TunnelError(outcome)),
        }),
      drop: () => new TunnelPipe(target, opened, carrying, {}).destroy(),
      handshake: {
        url: tunnelAddress(target, 'open').href,
        status: reply.status,
        headers: new HeaderList(reply.headers.flat()),
      },
      subprotocol: opened.subprotocol,
      extensions: '',
      agreement: undefined,
    };
    if (subprotocols.length === 0 || opened.subprotocol !== '') return result;
    result.drop();
    throw failure('SUBPROTOCOL_MISSING', { response: responseOf(reply) });
  } catch (error) {
    poster.close();
    throw error === signal.reason ? error : asFailure(error, 'RESPONSE');
  }
}

function responseOf({ status, headers, body }: TunnelReply) {
  return { status, headers: new HeaderList(headers.flat()), body };
}

/** Those of the handshake that this stands for. */
function headersFor({ target, options }: Hop): readonly Header[] {
  const { headers, origin } = options;
  const credentials = basicCredentials(target);
  const has = (name: string) => headers.some(([given]) => given.toLowerCase() === name);
  const added = headers.filter(([name]) => name.toLowerCase() !== 'content-type');
  if (credentials !== undefined && !has('authorization')) added.unshift(['Authorization', credentials]);
  if (origin !== undefined) added.unshift(['Origin', origin]);
  return added;
}
