import { RAW, translateStream } from './stream-translator.ts';
import type { ConnectionInfo, Sides, Translator } from './translator.ts';
import { translateXmpp } from './xmpp/translator.ts';

// What a target may be. Another kind is one more entry here, with a translator of its own.

export interface TargetScheme {
  /** From the first byte on. */
  readonly tls: boolean;
  /** Where a URL names none; `undefined` if it has to. */
  readonly port?: number | undefined;
}

/** What is known of a kind of target. */
export interface TargetKind {
  /** By which a URL names it. */
  readonly schemes: Readonly<Record<string, TargetScheme>>;
  /** Whether its translator begins TLS, also where that is spoken from the first byte on: it knows the name. */
  readonly beginsTls?: boolean | undefined;
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
  xmpp: {
    // RFC 6120, 14.7, and XEP-0368, which has no port for TLS from the first byte on.
    schemes: { xmpp: { tls: false, port: 5222 }, xmpps: { tls: true } },
    beginsTls: true,
    subprotocols: () => ['xmpp'],
    translate: translateXmpp,
  },
} as const satisfies Readonly<Record<string, TargetKind>>;

export type TargetType = keyof typeof kinds;
