import { BlockList, isIP } from 'node:net';
import type { UpgradeRequest } from '@tidewire/server';
import { plainAddress } from './proxy-protocol.ts';

// Whom a request is from. A header says what its sender wants, so it counts only as far as proxies that are trusted have
// written it.

export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #isEmpty: boolean;

  /**
   * @param proxies addresses, and networks such as `10.0.0.0/8`
   * @throws TypeError naming the one that is neither
   */
  constructor(proxies: readonly string[]) {
    this.#isEmpty = proxies.length === 0;
    for (const proxy of proxies) {
      const [address = '', bits, ...more] = proxy.split('/');
      const family = isIP(address);
      const most = family === 4 ? 32 : 128;
      const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
      if (family === 0 || more.length > 0 || !(prefix <= most)) {
        throw new TypeError(`trustedProxies must list addresses and networks such as 10.0.0.0/8, not ${proxy}`);
      }
      this.#list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /** The client's address; `undefined` on a Unix socket. */
  clientOf(request: Pick<UpgradeRequest, 'remoteAddress' | 'headers'>): string | undefined {
    const { remoteAddress } = request;
    if (remoteAddress === undefined) return undefined;
    let client = plainAddress(remoteAddress);
    if (this.#isEmpty) return client;
    const hops = request.headers.all('X-Forwarded-For').join(',').split(',').toReversed();
    for (const hop of hops) {
      if (!this.#trusts(client)) return client;
      const address = addressOf(hop.trim());
      // What cannot be read ends what is known.
      if (address === undefined) return client;
      client = address;
    }
    return client;
  }

  #trusts(address: string): boolean {
    return this.#list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
}

/** Some proxies write a port behind it. */
function addressOf(text: string): string | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = plainAddress(bare);
  return isIP(address) === 0 ? undefined : address;
}
