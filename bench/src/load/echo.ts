import { UnsupportedError } from '../job.ts';
import type { PeerName } from '../peers.ts';
import type { EchoScenario, Payload } from '../scenarios.ts';
import { dialectOf } from './dialects.ts';
import { clientFrame, FrameCounter, serverFrameSize } from './frames.ts';
import { Histogram } from './histogram.ts';
import { type Load, Tally } from './load.ts';
import { payloadsOf } from './payloads.ts';
import { RawConnection } from './raw-connection.ts';

/** Messages as prepared frames, and what is to come back for them. */
export class EchoMessages {
  readonly frames: readonly Buffer[];
  readonly #responses: readonly Buffer[];
  readonly #type: 'text' | 'binary';
  readonly #deflate: boolean;

  constructor(peer: PeerName, message: Payload, deflate: boolean | undefined) {
    const dialect = dialectOf(peer);
    const payloads = payloadsOf(message);
    this.#type = message.type === 'binary' ? 'binary' : 'text';
    this.#deflate = deflate ?? false;
    this.#responses = payloads.map(dialect.response);
    this.frames = payloads.map((payload) => clientFrame(this.#type, dialect.request(payload), deflate));
  }

  /** Bytes of each echo, where all have the same number: not with compression. */
  get echoSize(): number | undefined {
    return this.#deflate ? undefined : serverFrameSize(this.#responses[0]?.length ?? 0);
  }

  /** Sends a message and checks what comes back, to the last byte. */
  async exchange(connection: RawConnection, index = 0): Promise<void> {
    connection.socket.write(this.frames[index] ?? '');
    const { type, wasCompressed, payload } = await connection.readMessage();
    if (type !== this.#type || !payload.equals(this.#responses[index] ?? Buffer.alloc(0)))
      throw new Error('What came back is not what was sent');
    if (wasCompressed !== this.#deflate)
      throw new UnsupportedError(`sends ${wasCompressed ? 'compressed' : 'uncompressed'} messages`);
  }
}

export async function startEcho(port: number, peer: PeerName, scenario: EchoScenario): Promise<Load> {
  const { connections, inFlight, message, deflate, tls } = scenario;
  const messages = new EchoMessages(peer, message, deflate);
  const tally = new Tally(inFlight === 1 ? new Histogram() : undefined);
  const opened = await RawConnection.openMany(connections, { port, peer, deflate, tls });
  for (const connection of opened) await messages.exchange(connection);
  for (const [index, connection] of opened.entries()) {
    connection.onFailure = tally.fail;
    if (inFlight === 1) echoOneByOne(connection, messages, tally, index);
    else echoInBursts(connection, messages, tally, inFlight);
  }
  return tally;
}

/** Each message is sent when the last one is back, and timed. */
function echoOneByOne(connection: RawConnection, messages: EchoMessages, tally: Tally, index: number): void {
  const { frames, echoSize } = messages;
  const counter = new FrameCounter();
  let next = index;
  let missing = 0;
  let sentAt = 0;
  const send = () => {
    missing = echoSize ?? 0;
    sentAt = performance.now();
    connection.socket.write(frames[next++ % frames.length] ?? '');
  };
  connection.onBytes = (bytes, length) => {
    if (echoSize === undefined) {
      if (counter.take(bytes, length) === 0) return;
    } else {
      missing -= length;
      if (missing > 0) return;
    }
    tally.histogram?.record(performance.now() - sentAt);
    tally.count++;
    send();
  };
  send();
}

/** What is back is sent again: what came back together leaves together. */
function echoInBursts(connection: RawConnection, messages: EchoMessages, tally: Tally, inFlight: number): void {
  const { frames, echoSize } = messages;
  if (echoSize === undefined) throw new Error('Bursts of messages that differ in size are not counted');
  const bursts = Array.from({ length: inFlight + 1 }, (_, count) => Buffer.concat(Array(count).fill(frames[0])));
  let received = 0;
  connection.onBytes = (_bytes, length) => {
    received += length;
    const complete = Math.floor(received / echoSize);
    if (complete === 0) return;
    received -= complete * echoSize;
    tally.count += complete;
    connection.socket.write(bursts[complete] ?? '');
  };
  connection.socket.write(bursts[inFlight] ?? '');
}
