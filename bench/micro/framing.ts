import { nodePlatform } from '@tidewire/node';
import { Connection, ConnectionSettings, type Pipe } from '@tidewire/protocol';
import { clientFrame } from '../src/load/frames.ts';
import { compare, kept, type Way } from './compare.ts';

// The whole engine without a socket: what it costs to take a frame apart and hand its message on, and to answer it.

const FRAMES_PER_CHUNK = 16;

const pipe: Pipe = {
  write: (bytes) => {
    kept.last = bytes;
  },
  writeAll: (pieces) => {
    kept.last = pieces;
  },
  bufferedAmount: 0,
  requestFlush() {},
  end() {},
  destroy() {},
};

function server(echoes: boolean): Connection {
  const settings = new ConnectionSettings({ role: 'server', platform: nodePlatform });
  const message = (data: string | Uint8Array) => {
    if (echoes) connection.send(data);
    else kept.last = data;
  };
  const connection = new Connection(settings, { message, close() {} }, pipe);
  connection.open();
  return connection;
}

export async function framing(): Promise<void> {
  for (const type of ['text', 'binary'] as const) {
    for (const [what, echoes] of Object.entries({ received: false, echoed: true })) {
      await compare(`A frame of ${type} ${what}`, [20, 128, 1024, 16_384], (size) => ways(type, size, echoes));
    }
  }
}

function ways(type: 'text' | 'binary', size: number, echoes: boolean): Way[] {
  const frame = clientFrame(type, Buffer.alloc(size, 'The tide comes in twice a day. '));
  const chunk = Buffer.concat(Array<Buffer>(FRAMES_PER_CHUNK).fill(frame));
  const connection = server(echoes);
  // `receive` may write into what it is given. The copy is a small part of what is measured.
  const copy = Buffer.from(chunk);
  const receive = (source: Buffer) => {
    source.copy(copy);
    connection.receive(copy.subarray(0, source.length));
  };
  return [
    { name: 'one in a chunk', run: () => receive(frame) },
    { name: `one of ${FRAMES_PER_CHUNK} in a chunk`, times: FRAMES_PER_CHUNK, run: () => receive(chunk) },
  ];
}
