import { WebSocketEndpoint } from '@tidewire/server';
import { commonSettings, defaults, type EndpointLimits } from './options.ts';

export interface EchoOptions extends EndpointLimits {
  /** The largest message, in bytes. Default 16 MiB. */
  readonly maxMessage?: number | undefined;
  /** The origins whose pages may connect. Default: all. */
  readonly origins?: readonly string[] | undefined;
}

/** Sends every message back as it came: text as text, binary as binary. */
export function createEcho(options: EchoOptions): WebSocketEndpoint<undefined> {
  const { maxMessage = defaults.maxMessage, origins } = options;
  return new WebSocketEndpoint<undefined>({
    ...commonSettings(options),
    // What is not taken stops the reading, below. A limit here would lose the last message that was read before.
    limits: { maxMessageSize: maxMessage, maxBufferedAmount: Number.POSITIVE_INFINITY },
    // A public echo: it has no state and looks at no credentials, so there is nothing that a foreign page could abuse.
    origin: origins ?? (() => true),
    // So that clients can be tried with subprotocols: the one that the client likes best.
    upgrade: ({ subprotocols }) => ({ data: undefined, subprotocol: subprotocols[0] }),
    message(socket, message) {
      // Who does not take the answers is not asked for more: its messages wait in the network, not here.
      if (socket.send(message) === 'buffered') socket.pause();
    },
    drain: (socket) => socket.resume(),
  });
}
