import { type Socket, WebSocketEndpoint } from '@tidewire/server';

// As much of STOMP 1.2 as a client needs to connect, subscribe, send and disconnect, without heart-beats, transactions and
// acknowledgements: https://stomp.github.io/stomp-specification-1.2.html. One WebSocket message is one frame.

interface Frame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

interface Session {
  isConnected: boolean;
  /** The destinations by the ids of the subscriptions. */
  readonly subscriptions: Map<string, string>;
}

const escapes: Readonly<Record<string, string>> = { '\\r': '\r', '\\n': '\n', '\\c': ':', '\\\\': '\\' };
const letters = Object.fromEntries(Object.entries(escapes).map(([pair, letter]) => [letter, pair]));
const plain = (text: string) => text.replace(/\\[rnc\\]/g, (pair) => escapes[pair] ?? pair);
const escaped = (text: string) => text.replace(/[\r\n:\\]/g, (letter) => letters[letter] ?? letter);

function read(message: string | Uint8Array): Frame | undefined {
  const bytes = Buffer.from(message);
  const end = bytes.indexOf('\n\n');
  const [command = '', ...lines] = bytes.subarray(0, end).toString().split('\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = plain(line.slice(0, colon));
    // Of headers that are repeated the first counts.
    if (!headers.has(name)) headers.set(name, plain(line.slice(colon + 1)));
  }
  const length = Number(headers.get('content-length') ?? bytes.indexOf(0, end) - end - 2);
  if (end === -1 || bytes[end + 2 + length] !== 0) return undefined;
  return { command, headers, body: bytes.subarray(end + 2, end + 2 + length) };
}

function write(
  command: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer = '',
): string | Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${escaped(name)}:${escaped(value)}\n`);
  const head = Buffer.from(`${command}\n${lines.join('')}content-length:${Buffer.byteLength(body)}\n\n`);
  return Buffer.concat([head, Buffer.from(body), Buffer.alloc(1)]);
}

/** @param disconnected is called for each client that takes its leave */
export function stompEndpoint(disconnected: () => void = () => {}): WebSocketEndpoint<Session> {
  let messages = 0;
  const fail = (socket: Socket<Session>, message: string) => {
    socket.send(write('ERROR', { message }));
    socket.close(1002, message);
  };
  const deliver = (destination: string, type: string, body: Buffer) => {
    for (const socket of endpoint.sockets)
      for (const [subscription, wanted] of socket.data.subscriptions) {
        if (wanted !== destination) continue;
        const headers = { subscription, destination, 'message-id': String(messages++), 'content-type': type };
        socket.send(write('MESSAGE', headers, body));
      }
  };
  const handle = (socket: Socket<Session>, { command, headers, body }: Frame) => {
    const { data } = socket;
    const header = (name: string) => headers.get(name) ?? '';
    if ((command === 'CONNECT' || command === 'STOMP') && !data.isConnected) {
      if (!header('accept-version').split(',').includes('1.2')) return fail(socket, 'Only 1.2 is spoken here');
      data.isConnected = true;
      return void socket.send(write('CONNECTED', { version: '1.2', 'heart-beat': '0,0' }));
    }
    if (!data.isConnected) return fail(socket, 'CONNECT comes first');
    if (command === 'SUBSCRIBE') data.subscriptions.set(header('id'), header('destination'));
    else if (command === 'UNSUBSCRIBE') data.subscriptions.delete(header('id'));
    else if (command === 'SEND') deliver(header('destination'), header('content-type'), body);
    else if (command !== 'DISCONNECT') return fail(socket, `No such command: ${command}`);
    if (headers.has('receipt')) socket.send(write('RECEIPT', { 'receipt-id': header('receipt') }));
    if (command === 'DISCONNECT') disconnected();
  };
  const endpoint = new WebSocketEndpoint<Session>({
    subprotocols: ['v12.stomp'],
    upgrade: () => ({ data: { isConnected: false, subscriptions: new Map() } }),
    message(socket, message) {
      const frame = read(message);
      if (frame === undefined) fail(socket, 'That is no frame');
      else handle(socket, frame);
    },
  });
  return endpoint;
}
