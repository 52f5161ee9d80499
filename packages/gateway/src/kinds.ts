import { RAW, translateStream } from './stream-translator.ts';
import type { ConnectionInfo, Sides, Translator } from './translator.ts';

// What a target may be. Another kind is one more entry here, with a translator of its own.

/** What is known of a kind of target. */
export interface TargetKind {
  /** The schemes by which a URL names it, and whether TLS is spoken from the first byte on. */
  readonly schemes: Readonly<Record<string, { readonly tls: boolean }>>;
  /** The port where a URL names none; `undefined` if it has to. */
  readonly defaultPort?: number | undefined;
  /** The subprotocols of a target with this name, the preferred first. */
  subprotocols(name: string): readonly string[];
  /** Called once for each connection, when both sides are open. */
  translate(sides: Sides, connection: ConnectionInfo): Translator;
}

/** STOMP 1.2 names none; these are those that its clients and RabbitMQ have. AMQP: OASIS, WebSocket Binding. MQTT 5, 6. */
const known: Readonly<Record<string, readonly string[]>> = {
  stomp: ['v12.stomp', 'v11.stomp', 'v10.stomp'],
  amqp: ['amqp'],
  mqtt: ['mqtt', 'mqttv3.1'],
};

export const kinds = {
  stream: {
    schemes: { tcp: { tls: false }, tls: { tls: true } },
    subprotocols: (name) => (Object.hasOwn(known, name) ? known[name] : undefined) ?? RAW,
    translate: translateStream,
  },
} as const satisfies Readonly<Record<string, TargetKind>>;

export type TargetType = keyof typeof kinds;
