import { UnsupportedError } from '../job.ts';
import type { PeerName } from '../peers.ts';
import type { FanOutScenario } from '../scenarios.ts';
import { EchoMessages } from './echo.ts';
import { FrameCounter } from './frames.ts';
import { Histogram } from './histogram.ts';
import { type Load, Tally } from './load.ts';
import { RawConnection } from './raw-connection.ts';

export async function startFanOut(port: number, peer: PeerName, scenario: FanOutScenario): Promise<Load> {
  const { subscribers, burst, message, deflate } = scenario;
  const messages = new EchoMessages(peer, message, deflate);
  const tally = new Tally(burst === 1 ? new Histogram() : undefined);
  const connections = await RawConnection.openMany(subscribers, { port, peer, deflate });
  await checkDelivery(connections, messages, deflate ?? false);
  for (const connection of connections) connection.onFailure = tally.fail;
  publishInTurn(connections, messages, burst, tally);
  return tally;
}

/** One message reaches everybody, whole. */
async function checkDelivery(connections: RawConnection[], messages: EchoMessages, deflate: boolean): Promise<void> {
  const [publisher, ...others] = connections;
  if (publisher === undefined) return;
  await messages.exchange(publisher);
  for (const other of others) {
    const { wasCompressed } = await other.readMessage();
    if (wasCompressed !== deflate) throw new UnsupportedError('publishes uncompressed messages');
  }
}

function publishInTurn(connections: RawConnection[], messages: EchoMessages, burst: number, tally: Tally): void {
  const { frames, echoSize } = messages;
  const size = echoSize;
  let turn = 0;
  let missing = 0;
  let sentAt = 0;
  const publish = () => {
    const first = turn++ * burst;
    const frame = Array.from({ length: burst }, (_, i) => frames[(first + i) % frames.length] ?? Buffer.alloc(0));
    missing = connections.length * burst * (size ?? 1);
    sentAt = performance.now();
    connections[0]?.socket.write(frame.length === 1 ? (frame[0] ?? '') : Buffer.concat(frame));
  };
  /** Takes deliveries off, in bytes where all messages have the same size. */
  const arrived = (amount: number) => {
    missing -= amount;
    tally.count += amount / (size ?? 1);
    if (missing > 0) return;
    tally.histogram?.record(performance.now() - sentAt);
    publish();
  };
  for (const connection of connections) {
    const counter = new FrameCounter();
    connection.onBytes =
      size === undefined
        ? (bytes, length) => arrived(counter.take(bytes, length))
        : (_bytes, length) => arrived(length);
  }
  publish();
}
