import type { Inflater } from '../platform.ts';
import type { Compression } from '../sender.ts';
import type { ConnectionSettings } from '../settings.ts';
import type { DeflateAgreement } from './negotiation.ts';

/** permessage-deflate on one connection: both directions, as they were negotiated. */
export interface Deflate extends Compression {
  readonly agreement: DeflateAgreement;
  readonly inflater: Inflater;
}

/** @throws TypeError if the platform has no codec */
export function createDeflate(agreement: DeflateAgreement, { platform, role }: ConnectionSettings): Deflate {
  const codec = platform.deflate;
  if (codec === undefined) throw new TypeError('permessage-deflate was agreed on, but the platform has no codec');
  const server = { windowBits: agreement.serverMaxWindowBits, contextTakeover: !agreement.serverNoContextTakeover };
  const client = { windowBits: agreement.clientMaxWindowBits, contextTakeover: !agreement.clientNoContextTakeover };
  const [own, peer] = role === 'server' ? [server, client] : [client, server];
  return {
    agreement,
    ...own,
    deflater: codec.createDeflater(own.windowBits, own.contextTakeover),
    inflater: codec.createInflater(peer.windowBits, peer.contextTakeover),
  };
}
