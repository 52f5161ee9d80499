import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Client, portOf, startGateway, tcpServer } from './support.ts';

const echo = (socket: Socket) => void socket.pipe(socket);

/** A server whose one connection the test has in its hands, and its gateway. */
async function held(options: { messages?: 'auto' | 'text' | 'binary'; subprotocols?: string[] } = {}) {
  let taken: (socket: Socket) => void = () => {};
  const connection = new Promise<Socket>((resolve) => {
    taken = resolve;
  });
  const port = await tcpServer((socket) => taken(socket));
  const running = await startGateway([{ name: 'it', host: '127.0.0.1', port, ...options }]);
  return { ...running, connection };
}

describe('bytes', () => {
  test('go as binary messages to who sends binary, and as text to who sends text', async () => {
    const port = await tcpServer(echo);
    const { url } = await startGateway([{ name: 'echo', host: '127.0.0.1', port }]);
    const [binary, text] = await Promise.all([Client.open(`${url}/echo`), Client.open(`${url}/echo`)]);
    binary.socket.send(Buffer.from('bytes'));
    text.socket.send('text');
    await Promise.all([binary.read('bytes'), text.read('text')]);
    expect(binary.messages).toEqual([Buffer.from('bytes')]);
    expect(text.messages).toEqual(['text']);
  });

  test('go as the target says, whatever the client sends', async () => {
    const port = await tcpServer(echo);
    const { url } = await startGateway([
      { name: 'binary', host: '127.0.0.1', port, messages: 'binary' },
      { name: 'text', host: '127.0.0.1', port, messages: 'text' },
    ]);
    const [binary, text] = await Promise.all([Client.open(`${url}/binary`), Client.open(`${url}/text`)]);
    binary.socket.send('abc');
    text.socket.send(Buffer.from('abc'));
    await Promise.all([binary.read('abc'), text.read('abc')]);
    expect(binary.messages).toEqual([Buffer.from('abc')]);
    expect(text.messages).toEqual(['abc']);
  });

  test('of a character that TCP cuts in pieces are put together for a client of text', async () => {
    const { url, connection } = await held({ messages: 'text' });
    const client = await Client.open(`${url}/it`);
    const socket = await connection;
    socket.setNoDelay(true);
    const bytes = Buffer.from('\ufeffaé€😀.');
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      // So that each comes by itself.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await client.read('.')).toBe('\ufeffaé€😀.');
    expect(client.messages.length).toBeGreaterThan(3);
    expect(client.messages.every((each) => typeof each === 'string' && !each.includes('\ufffd'))).toBe(true);
  });

  test('that are no UTF-8 close a client of text with 1007 and a reason, behind what was right', async () => {
    const { url, connection, told } = await held({ messages: 'text' });
    const client = await Client.open(`${url}/it`);
    const socket = await connection;
    const ended = once(socket, 'end');
    socket.resume().write(Buffer.from([0x61, 0xff]));
    expect(await client.closed).toEqual({ code: 1007, reason: expect.stringContaining('no UTF-8') });
    await ended;
    socket.end();
    await told(/^closed it 1007/);
  });

  test('that end in the middle of a character close a client of text with 1007', async () => {
    const { url, connection } = await held({ messages: 'text' });
    const client = await Client.open(`${url}/it`);
    (await connection).end(Buffer.from('a€').subarray(0, 3));
    expect(await client.closed).toMatchObject({ code: 1007 });
    expect(client.messages).toEqual(['a']);
  });

  test('go as base64 to who asks for that, and what is no base64 closes with 1007', async () => {
    const port = await tcpServer(echo);
    const { url } = await startGateway([{ name: 'echo', host: '127.0.0.1', port }]);
    const client = await Client.open(`${url}/echo`, ['base64', 'binary']);
    expect(client.socket.protocol).toBe('binary');
    const base64 = await Client.open(`${url}/echo`, ['base64']);
    base64.socket.send(Buffer.from([0, 255, 10]).toString('base64'));
    expect(await base64.read('AP8K')).toBe('AP8K');
    base64.socket.send('AP8');
    expect(await base64.closed).toEqual({ code: 1007, reason: 'A message is no base64' });
  });

  test('of one message may be many writes of the server, and the reverse', async () => {
    const port = await tcpServer(echo);
    const { url } = await startGateway([{ name: 'echo', host: '127.0.0.1', port }]);
    const client = await Client.open(`${url}/echo`);
    const whole = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    client.socket.send(Buffer.from(whole));
    expect(await client.read('line 19999\n')).toBe(whole);
    expect(client.messages.length).toBeGreaterThan(1);
    const small = await Client.open(`${url}/echo`);
    for (let index = 0; index < 2000; index++) small.socket.send(Buffer.from(`line ${index}\n`));
    expect(await small.read('line 1999\n')).toBe(whole.slice(0, whole.indexOf('line 2000\n')));
    expect(small.messages.length).toBeLessThan(2000);
  });
});

describe('an end', () => {
  test('of the server comes behind all that it has sent, as 1000', async () => {
    const port = await tcpServer((socket) => void socket.end(Buffer.alloc(5_000_000, 'x')));
    const { url, told } = await startGateway([{ name: 'it', host: '127.0.0.1', port }]);
    const client = await Client.open(`${url}/it`);
    expect(await client.closed).toEqual({ code: 1000, reason: 'The server has ended the connection' });
    expect(client.messages.reduce((sum, { length }) => sum + length, 0)).toBe(5_000_000);
    await told(/^closed it 1000/);
  });

  test('of a server that speaks TLS is 1000, too, and that of a client is seen by it', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const ends: Promise<unknown>[] = [];
    const server = createTlsServer({ cert, key }, (socket) => {
      ends.push(once(socket, 'end'));
      socket.on('error', () => {}).once('data', (bytes) => void (String(bytes) === 'bye' && socket.end('bye bye')));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const target = { name: 'it', host: '127.0.0.1', port: portOf(server), tls: { insecure: true } };
    const { url, told } = await startGateway([target]);
    const [first, second] = await Promise.all([Client.open(`${url}/it`), Client.open(`${url}/it`)]);
    first.socket.send('bye');
    expect(await first.closed).toMatchObject({ code: 1000 });
    expect(first.messages).toEqual(['bye bye']);
    second.socket.send('anything');
    second.socket.close(1000);
    await Promise.all(ends);
    expect(ends).toHaveLength(2);
    await told(/^closed it 1000/);
  });

  test('of the client is a FIN for the server, behind all that the client has sent', async () => {
    const { url, connection, told } = await held();
    const client = await Client.open(`${url}/it`);
    const socket = await connection;
    let received = 0;
    socket.on('data', ({ length }) => {
      received += length;
    });
    client.socket.send(Buffer.alloc(3_000_000));
    client.socket.close(1000);
    await once(socket, 'end');
    expect(received).toBe(3_000_000);
    // What the server still says is read, and for nobody.
    socket.end(Buffer.alloc(3_000_000));
    await told(/^closed it 1000/);
    expect(client.messages).toEqual([]);
  });

  test('of a client that is just gone is a FIN for the server, too', async () => {
    const { url, connection } = await held();
    const client = await Client.open(`${url}/it`);
    const socket = (await connection).resume();
    client.socket.terminate();
    await once(socket, 'end');
  });

  test('of a server by a reset is 1011', async () => {
    const { url, connection, told } = await held();
    const client = await Client.open(`${url}/it`);
    (await connection).resetAndDestroy();
    expect(await client.closed).toEqual({ code: 1011, reason: 'The server has reset the connection' });
    await told(/^closed it 1011/);
  });

  test('that the server does not answer is met by a deadline', async () => {
    const port = await tcpServer(() => {});
    const { url, told, gateway } = await startGateway([{ name: 'it', host: '127.0.0.1', port }], { closeTimeout: 300 });
    const client = await Client.open(`${url}/it`);
    client.socket.close(1000);
    await told(/^closed it/);
    expect(gateway.connections.size).toBe(0);
  });

  test('comes to who has nothing to say for the idle time of the target', async () => {
    const port = await tcpServer((socket) => void socket.on('end', () => socket.end()).resume());
    const { url } = await startGateway([{ name: 'it', host: '127.0.0.1', port, idleTimeout: 300 }]);
    const client = await Client.open(`${url}/it`);
    expect(await client.closed).toEqual({ code: 1001, reason: 'Nothing has come for too long' });
  });
});

test('a message beyond the limit of its target closes with 1009, and that of another does not hold', async () => {
  const port = await tcpServer(echo);
  const { url } = await startGateway([
    { name: 'small', host: '127.0.0.1', port, maxMessageSize: 10 },
    { name: 'large', host: '127.0.0.1', port },
  ]);
  const [small, large] = await Promise.all([Client.open(`${url}/small`), Client.open(`${url}/large`)]);
  small.socket.send('12345678901');
  large.socket.send('12345678901');
  expect(await small.closed).toMatchObject({ code: 1009 });
  expect(await large.read('1')).toBe('12345678901');
});
