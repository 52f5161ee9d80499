import type { HubFanOutScenario } from '../hub-scenarios.ts';
import type { PeerName } from '../peers.ts';
import { isHub } from './dialects.ts';
import { clientFrame } from './frames.ts';
import { Histogram } from './histogram.ts';
import { type Load, Tally } from './load.ts';
import { MarkerCounter } from './marker-counter.ts';
import { RawConnection } from './raw-connection.ts';

// A burst of publications goes to everybody in a channel, and the next follows when all have all of it. The hub puts many
// publications into one frame, so deliveries are counted by what each begins with.

interface Room {
  /** The message that publishes `data`. */
  publish(data: string): string;
  /** Bytes that are once in each delivery, and nowhere else. */
  readonly marker: string;
}

const centrifugeRoom: Room = {
  publish: (data) => `{"id":3,"publish":{"channel":"room","data":${data}}}`,
  marker: '"pub":{"data":{',
};

const socketIoRoom: Room = { publish: (data) => `42["m",${data}]`, marker: '42["m",{' };

/** What Node alone passes on is what the hub would write. */
const bareRoom: Room = {
  publish: (data) => `{"push":{"channel":"room","pub":{"data":${data}}}}`,
  marker: '"pub":{"data":{',
};

function roomOf(peer: PeerName): Room {
  if (isHub(peer)) return centrifugeRoom;
  return peer === 'bare' ? bareRoom : socketIoRoom;
}

export async function startHubFanOut(port: number, peer: PeerName, scenario: HubFanOutScenario): Promise<Load> {
  const { subscribers, burst, size } = scenario;
  const room = roomOf(peer);
  const tally = new Tally(burst === 1 ? new Histogram() : undefined);
  const connections = await RawConnection.openMany(subscribers, { port, peer });
  const data = jsonOf(size);
  const frame = clientFrame('text', Buffer.from(room.publish(data)));
  await checkDelivery(connections, frame, data, room);
  for (const connection of connections) connection.onFailure = tally.fail;
  publishInTurn(connections, Buffer.concat(Array(burst).fill(frame)), { marker: room.marker, burst, tally });
  return tally;
}

export function jsonOf(size: number): string {
  const around = '{"text":""}'.length;
  return JSON.stringify({ text: 'The tide comes in twice a day. '.repeat(size).slice(0, size - around) });
}

/** One publication reaches everybody, whole. */
async function checkDelivery(connections: RawConnection[], frame: Buffer, data: string, room: Room): Promise<void> {
  connections[0]?.socket.write(frame);
  for (const connection of connections) {
    let text: string;
    // Who publishes is told, too, that it was done.
    do text = (await connection.readMessage()).payload.toString();
    while (connection === connections[0] && !text.includes(room.marker));
    if (!text.includes(room.marker) || !text.includes(data)) throw new Error(`What came is not what was sent: ${text}`);
  }
}

function publishInTurn(
  connections: readonly RawConnection[],
  frames: Buffer,
  { marker, burst, tally }: { readonly marker: string; readonly burst: number; readonly tally: Tally },
): void {
  let missing = 0;
  let sentAt = 0;
  const publish = () => {
    missing = connections.length * burst;
    sentAt = performance.now();
    connections[0]?.socket.write(frames);
  };
  for (const connection of connections) {
    const counter = new MarkerCounter(marker);
    connection.onBytes = (bytes, length) => {
      const count = counter.take(bytes, length);
      if (count === 0) return;
      missing -= count;
      tally.count += count;
      if (missing < 0) tally.fail(new Error('More came than was published'));
      if (missing > 0) return;
      tally.histogram?.record(performance.now() - sentAt);
      publish();
    };
  }
  publish();
}
