import type { Transport as TunnelTransport } from '@tidewire/tunnel';

// What may carry a WebSocket, and in which order it is tried. Runs in browsers, too.

/**
 * websocket: the opening handshake, and a connection of its own. The others are ways to receive over plain requests.
 * stream: one long answer. poll: requests that are held until there is something, and, where nothing lets them be held, as
 * `interval`. interval: questions asked again and again.
 */
export type Transport = 'websocket' | 'stream' | 'poll' | 'interval';

/** What is tried at one time: the handshake, or a tunnel that finds out by itself which of the ways gets through. */
export type TransportStep = 'websocket' | readonly TunnelTransport[];

/** The order in which a tunnel tries its ways, whatever it is told. */
const waysOf = {
  stream: ['stream'],
  poll: ['poll', 'interval'],
  interval: ['interval'],
} as const satisfies Record<string, readonly TunnelTransport[]>;
const order: readonly Transport[] = ['websocket', 'stream', 'poll', 'interval'];

/** Whether `value` is a list of transports: one at least, and none of them twice. */
export function areTransports(value: unknown): value is readonly Transport[] {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size < value.length) return false;
  return value.every((name) => order.includes(name));
}

/** The steps for transports in order of preference. Ways of a tunnel that are in the tunnel's own order make one step. */
export function stepsFor(transports: readonly Transport[]): readonly TransportStep[] {
  const steps: TransportStep[] = [];
  let before: Transport = 'websocket';
  for (const transport of transports) {
    const last = steps.at(-1);
    if (transport === 'websocket') {
      steps.push(transport);
    } else if (last === undefined || last === 'websocket' || order.indexOf(transport) < order.indexOf(before)) {
      steps.push(waysOf[transport]);
    } else {
      steps[steps.length - 1] = [...new Set([...last, ...waysOf[transport]])];
    }
    before = transport;
  }
  return steps;
}
