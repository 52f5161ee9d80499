import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectSecurely, createServer as createSecureServer, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { listen, readings, Side, setReading } from './support.ts';

// What Node and a program see of a socket is the same whichever way it is read, as is what a connection sees of them.

const UPGRADE = { Connection: 'Upgrade', Upgrade: 'websocket' };
const ANSWER = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

describe.each(readings)('a socket of an HTTP server, with %s,', (reading) => {
  let server: Server;
  let port: number;
  let agent: Agent;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    server = createServer((_request, response) => response.end());
    setReading(server, reading);
    agent = new Agent({ keepAlive: true });
    port = await listen(server);
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });

  /** Both sockets of a connection that was upgraded, and what the server has on its own. */
  async function upgradedSockets(): Promise<{ near: Socket; far: Socket; side: Side }> {
    const asked = once(server, 'upgrade');
    const call = request({ port, host: '127.0.0.1', headers: UPGRADE, agent: false }).end();
    const [, far] = (await asked) as [unknown, Socket];
    far.write(ANSWER);
    const side = new Side('server', far);
    const [, near] = (await once(call, 'upgrade')) as [unknown, Socket];
    sockets.push(near, far);
    return { near, far, side };
  }

  async function upgraded(): Promise<{ client: Side; far: Socket; side: Side }> {
    const { near, far, side } = await upgradedSockets();
    return { client: new Side('client', near), far, side };
  }

  it('counts as a connection until it is gone', async () => {
    const count = () => new Promise((resolve) => server.getConnections((_error, number) => resolve(number)));
    const { far } = await upgraded();
    const { client, side } = await upgraded();
    expect(await count()).toBe(2);
    const gone = once(far, 'close');
    far.destroy();
    await gone;
    expect(await count()).toBe(1);
    client.connection.close();
    await side.closed;
    expect(await count()).toBe(0);
  });

  it('keeps the server from being closed, but no longer than it lives', async () => {
    const { client, side } = await upgraded();
    let isClosed = false;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        isClosed = true;
        resolve();
      });
    });
    client.connection.send('still there');
    await side.untilReceived(1);
    expect(isClosed).toBe(false);
    client.connection.close();
    await closed;
    expect(await side.closed).toMatchObject({ wasClean: true });
  });

  it('is spared by closeAllConnections and closeIdleConnections, as every upgraded one is', async () => {
    const { client, side } = await upgraded();
    const plain = request({ port, host: '127.0.0.1', agent }).end();
    const [response] = await once(plain, 'response');
    response.resume();
    await once(response, 'end');
    const [idle] = Object.values(agent.freeSockets).flat();
    const cut = idle && once(idle, 'close');
    server.closeIdleConnections();
    server.closeAllConnections();
    await cut;
    client.connection.send('still there');
    await side.untilReceived(1);
  });

  it('can be destroyed, with an error or without, also while it is being read from', async () => {
    const first = await upgraded();
    first.far.destroy();
    expect(await first.side.closed).toMatchObject({ code: 1006 });
    expect(first.side.errors).toEqual([]);

    const second = await upgraded();
    second.side.onMessage = () => second.far.destroy(new Error('enough'));
    second.client.connection.send('one');
    expect(await second.side.closed).toMatchObject({ code: 1006 });
    expect(second.side.errors).toMatchObject([{ message: 'enough' }]);
    expect(second.side.messages).toEqual(['one']);
    expect(await second.client.closed).toMatchObject({ code: 1006 });
  });

  it('has timeouts, which begin anew with all that is read', async () => {
    const { client, far, side } = await upgraded();
    const timeout = once(far, 'timeout');
    far.setTimeout(1000);
    setTimeout(() => client.connection.send('here'), 500);
    await side.untilReceived(1);
    const heard = performance.now();
    await timeout;
    expect(performance.now() - heard).toBeGreaterThan(950);
  });

  it('counts the bytes that it has read', async () => {
    const { client, far, side } = await upgraded();
    const before = far.bytesRead;
    client.connection.send('x'.repeat(100_000));
    await side.untilReceived(1);
    // A masked frame has 14 bytes of header at this size.
    expect(far.bytesRead - before).toBe(100_014);
  });

  it('shows on the diagnostics channels of net and http', async () => {
    const names = [
      'net.client.socket',
      'net.server.socket',
      'http.client.request.start',
      'http.client.response.finish',
    ];
    const said: string[] = [];
    for (const name of [...names, 'http.server.request.start', 'http.server.response.finish']) {
      const listener = () => said.push(name);
      subscribe(name, listener);
      onTestFinished(() => void unsubscribe(name, listener));
    }
    const { client } = await upgraded();
    client.connection.close();
    await client.closed;
    expect(said.sort()).toEqual(['http.client.request.start', 'net.client.socket', 'net.server.socket']);
  });

  it('still sends when the peer has ended its half', async () => {
    const { near, side } = await upgradedSockets();
    side.connection.send('one');
    const received: Buffer[] = [];
    near.on('data', (chunk) => received.push(chunk));
    near.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
    await once(near, 'end');
    expect(Buffer.concat(received).toString('latin1')).toBe('\x81\x03one\x88\x02\x03\xe8');
    expect(await side.closed).toMatchObject({ code: 1000, wasClean: true });
  });

  it('fails quietly after its end', async () => {
    const { near, far, side } = await upgradedSockets();
    side.pipe.end();
    near.resetAndDestroy();
    await side.closed;
    expect(side.errors).toMatchObject([{ code: 'ECONNRESET' }]);
    side.pipe.write(Buffer.from('late'));
    side.pipe.writeAll([Buffer.from('late')]);
    side.pipe.end();
    far.emit('error', new Error('later still'));
    expect(await side.closed).toMatchObject({ code: 1006 });
    expect(side.connection.send('late')).toBe('closed');
  });

  it('shares nothing that it has read with another one', async () => {
    const one = await upgradedSockets();
    const other = await upgradedSockets();
    const frame = (fill: string) => Buffer.from(`\x82\x90\0\0\0\0${fill.repeat(16)}`, 'latin1');
    one.near.write(frame('a').subarray(0, 12));
    for (let i = 1; i <= 20; i++) {
      other.near.write(frame('b'));
      await other.side.untilReceived(i);
    }
    one.near.write(Buffer.concat([frame('a').subarray(12), frame('c')]));
    await one.side.untilReceived(2);
    const texts = ({ messages }: Side) => messages.map((message) => Buffer.from(message).toString());
    expect(texts(one.side)).toEqual(['a'.repeat(16), 'c'.repeat(16)]);
    expect(texts(other.side)).toEqual(new Array(20).fill('b'.repeat(16)));
  });
});

describe('a connection over TLS', () => {
  it('is read with a buffer for each read, and works like one over TCP', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    const server = createSecureServer({ key, cert });
    onTestFinished(() => void server.close());
    const port = await listen(server);
    const near = connectSecurely({ port, host: '127.0.0.1', servername: 'localhost', ca: cert });
    const connected = once(near, 'secureConnect');
    const [far] = (await once(server, 'secureConnection')) as [TLSSocket];
    onTestFinished(() => void far.destroy());
    await connected;
    const [client, side] = [new Side('client', near), new Side('server', far)];
    expect(far.listenerCount('data')).toBe(1);
    side.onMessage = (data) => side.connection.send(data);
    for (const size of [0, 1000, 500_000]) client.connection.send('x'.repeat(size));
    await client.untilReceived(3);
    expect(client.messages.map(({ length }) => length)).toEqual([0, 1000, 500_000]);
    client.connection.close(1000);
    expect(await side.closed).toMatchObject({ code: 1000, wasClean: true });
    expect(side.errors).toEqual([]);
  });
});
