import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

// The load: raw sockets that send prepared frames and count the bytes that come back. It knows just enough of the
// protocol to be cheaper than any server that it measures.

export interface EchoScenario {
  name: string;
  connections: number;
  /** Messages that each connection has under way. */
  inFlight: number;
  /** Bytes of payload. */
  size: number;
  type: 'text' | 'binary';
}

const MASKING_KEY = Buffer.from([0x12, 0x34, 0x56, 0x78]);

/** A masked frame, as a client sends it. */
export function clientFrame(type: 'text' | 'binary', size: number): Buffer {
  const header = headerOf(type, size, 0x80);
  const payload = Buffer.alloc(size, 'tidewire ').map((byte, i) => byte ^ (MASKING_KEY[i % 4] ?? 0));
  return Buffer.concat([header, MASKING_KEY, payload]);
}

function headerOf(type: 'text' | 'binary', size: number, mask: number): Buffer {
  const first = type === 'text' ? 0x81 : 0x82;
  if (size < 126) return Buffer.from([first, mask | size]);
  if (size < 65_536) return Buffer.from([first, mask | 126, size >> 8, size & 255]);
  const header = Buffer.from([first, mask | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64BE(BigInt(size), 2);
  return header;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const [response] = (await once(socket, 'data')) as [Buffer];
  if (!response.toString('latin1').startsWith('HTTP/1.1 101 '))
    throw new Error(`Refused: ${response.toString('latin1')}`);
  return socket;
}

/** The connections of one server, echoing. */
export class EchoLoad {
  readonly #sockets: Socket[];
  #messages = 0;
  #failed: Error | undefined;

  private constructor(sockets: Socket[]) {
    this.#sockets = sockets;
  }

  static async start(port: number, scenario: EchoScenario): Promise<EchoLoad> {
    const sockets: Socket[] = [];
    for (let i = 0; i < scenario.connections; i++) sockets.push(await open(port));
    const load = new EchoLoad(sockets);
    const frame = clientFrame(scenario.type, scenario.size);
    const echoSize = headerOf(scenario.type, scenario.size, 0).length + scenario.size;
    // Frames that are due at the same time go out in one write.
    const bursts = Array.from({ length: scenario.inFlight + 1 }, (_, count) =>
      Buffer.concat(Array<Buffer>(count).fill(frame)),
    );
    for (const socket of sockets) load.#run(socket, bursts, echoSize);
    return load;
  }

  /** Messages echoed so far. */
  get messages(): number {
    if (this.#failed !== undefined) throw this.#failed;
    return this.#messages;
  }

  stop(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('close');
      socket.destroy();
    }
  }

  #run(socket: Socket, bursts: Buffer[], echoSize: number): void {
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      const complete = Math.floor(received / echoSize);
      if (complete === 0) return;
      received -= complete * echoSize;
      this.#messages += complete;
      socket.write(bursts[complete] ?? Buffer.concat(Array<Buffer>(complete).fill(bursts[1] ?? Buffer.alloc(0))));
    });
    socket.on('error', (error) => {
      this.#failed = error;
    });
    socket.on('close', () => {
      this.#failed ??= new Error('The server closed a connection');
    });
    socket.write(bursts.at(-1) ?? Buffer.alloc(0));
  }
}
