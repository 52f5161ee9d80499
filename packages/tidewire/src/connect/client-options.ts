import type { WebSocketOptions } from '@tidewire/client';
import type { ClientFlags } from '../commands/client-flags.ts';
import { readAuthorities } from '../service/tls.ts';

// What the flags of a client are to the client.

/** @throws UsageError */
export function clientOptions(flags: ClientFlags): WebSocketOptions {
  return {
    headers: flags.header,
    origin: flags.origin,
    tls: {
      ...(flags.ca === undefined ? {} : { ca: readAuthorities('--ca', flags.ca) }),
      rejectUnauthorized: flags.insecure !== true,
    },
    deflate: flags.deflate,
    handshakeTimeout: flags.timeout,
    limits: { maxMessageSize: flags.maxMessage },
    // The list is there to keep web pages away from other services. A person who types a port means it.
    allowBlockedPorts: true,
  };
}
