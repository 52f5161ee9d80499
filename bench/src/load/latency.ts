import type { PeerName } from '../peers.ts';
import type { LatencyScenario } from '../scenarios.ts';
import { EchoMessages } from './echo.ts';
import { Histogram } from './histogram.ts';
import { type Load, Tally } from './load.ts';
import { RawConnection } from './raw-connection.ts';

/** Messages on each connection that come first: at a low rate a server would take long to get warm. */
const WARM_UP = 300;

/** Sends messages at a steady rate, round the connections, and times each one from the write to the echo. */
export async function startLatency(port: number, peer: PeerName, scenario: LatencyScenario): Promise<Load> {
  const messages = new EchoMessages(peer, scenario.message, false);
  const histogram = new Histogram();
  const tally = new Tally(histogram);
  const connections = await RawConnection.openMany(scenario.connections, { port, peer });
  await warmUp(connections, messages);
  const timed: { readonly connection: RawConnection; sentAt: number }[] = [];
  for (const connection of connections) {
    const entry = { connection, sentAt: 0 };
    timed.push(entry);
    connection.onFailure = tally.fail;
    connection.onBytes = () => {
      histogram.record(performance.now() - entry.sentAt);
      tally.count++;
    };
  }
  const start = performance.now();
  let sent = 0;
  const tick = () => {
    const due = ((performance.now() - start) * scenario.perSecond) / 1000;
    for (; sent < due; sent++) {
      const entry = timed[sent % timed.length];
      if (entry === undefined) return;
      entry.sentAt = performance.now();
      entry.connection.socket.write(messages.frames[0] ?? '');
    }
    setTimeout(tick, 1);
  };
  tick();
  return tally;
}

async function warmUp(connections: readonly RawConnection[], messages: EchoMessages): Promise<void> {
  await Promise.all(
    connections.map(async (connection) => {
      for (let i = 0; i < WARM_UP; i++) await messages.exchange(connection);
    }),
  );
}
