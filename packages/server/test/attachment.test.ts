import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, Readable } from 'node:stream';
import { connect as connectSecurely } from 'node:tls';
import { WebSocketEndpoint } from '@tidewire/server';
import { generate } from 'selfsigned';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientOptions, WebSocketServer } from 'ws';
import { frame, Opcode, RawPeer, upgradeRequest } from './support/raw-peer.ts';
import { echo, endpointFor, listen, nextMessage, open, serve, signal, until } from './support/serving.ts';

async function answerOf(url: string, text = 'x'): Promise<string | Buffer> {
  const client = await open(url);
  client.send(text);
  return await nextMessage(client);
}

const get = async (url: string) => await (await fetch(url.replace('ws:', 'http:'))).text();

describe('attach', () => {
  it('serves several endpoints of one server by path, with one listener', async () => {
    const server = createServer((_request, response) => response.end('page'));
    echo('a').attach(server, { path: '/a' });
    echo('b').attach(server, { path: '/b' });
    echo('c').attach(server, { path: /^\/c\/\d+$/g });
    echo('d').attach(server, { path: (path) => path.startsWith('/d/') });
    expect(server.listenerCount('upgrade')).toBe(1);
    const { url } = await listen(server);
    expect(await answerOf(`${url}/a`)).toBe('ax');
    expect(await answerOf(`${url}/b?query`)).toBe('bx');
    for (let i = 0; i < 3; i++) expect(await answerOf(`${url}/c/12`)).toBe('cx');
    expect(await answerOf(`${url}/d/anything`)).toBe('dx');
  });

  it('leaves plain requests to the server, also those to the path of an endpoint', async () => {
    const server = createServer((request, response) => response.end(`page ${request.url}`));
    echo().attach(server, { path: '/chat' });
    const { url } = await listen(server);
    expect(await get(`${url}/`)).toBe('page /');
    expect(await get(`${url}/chat`)).toBe('page /chat');
  });

  it('refuses what is for no endpoint with 404, and ends the connection', async () => {
    const { port } = await serve({}, { attach: { path: '/chat' } });
    for (const path of ['/', '/chat/', '/Chat', '//chat', '/chat%20', '/c%68at']) {
      const { peer, response } = await RawPeer.ask(port, upgradeRequest(path));
      expect(response).toMatchObject({ status: 404, headers: { connection: 'close', 'content-length': '10' } });
      expect(await peer.rest()).toHaveLength(0);
    }
  });

  it('takes a target in absolute form', async () => {
    const { port } = await serve({}, { attach: { path: '/chat' } });
    const request = upgradeRequest('http://localhost/chat?x');
    expect((await RawPeer.ask(port, request)).response.status).toBe(101);
  });

  it('leaves what is for no endpoint to other listeners, if there are any', async () => {
    const server = createServer();
    echo('ours ').attach(server, { path: '/ours' });
    const theirs = new WebSocketServer({ noServer: true });
    theirs.on('connection', (socket) => socket.on('message', (data) => socket.send(`theirs ${data}`)));
    server.on('upgrade', (request, stream, head) => {
      if (request.url === '/theirs') theirs.handleUpgrade(request, stream, head, (s) => theirs.emit('connection', s));
    });
    const { url } = await listen(server);
    expect(await answerOf(`${url}/ours`)).toBe('ours x');
    expect(await answerOf(`${url}/theirs`)).toBe('theirs x');
  });

  it('refuses it all the same where told to', async () => {
    const server = createServer();
    echo().attach(server, { path: '/ours', otherwise: 'refuse' });
    server.on('upgrade', () => {});
    const { port } = await listen(server);
    expect((await RawPeer.ask(port, upgradeRequest('/theirs'))).response.status).toBe(404);
  });

  it('leaves it where told to, though it sees no other listener', async () => {
    const server = createServer();
    echo().attach(server, { path: '/ours', otherwise: 'leave' });
    const emit: (event: string, ...rest: unknown[]) => boolean = server.emit;
    const left: string[] = [];
    server.emit = (event: string, ...rest: unknown[]) => {
      const [request, stream] = rest as [IncomingMessage, Duplex];
      const wasTaken = emit.call(server, event, ...rest);
      if (event === 'upgrade' && request.url === '/theirs') {
        left.push(request.url);
        stream.end('HTTP/1.1 418 \r\nContent-Length: 0\r\n\r\n');
      }
      return wasTaken;
    };
    const { port } = await listen(server);
    expect((await RawPeer.ask(port, upgradeRequest('/theirs'))).response.status).toBe(418);
    expect(left).toEqual(['/theirs']);
  });

  it('ends when told to: sockets stay, new ones go elsewhere', async () => {
    const server = createServer((_request, response) => response.end('page'));
    const endpoint = echo();
    const detach = endpoint.attach(server, { path: '/chat' });
    const { url, port } = await listen(server);
    const client = await open(`${url}/chat`);
    detach();
    detach();
    expect(server.listenerCount('upgrade')).toBe(0);
    client.send('still');
    expect(await nextMessage(client)).toBe('still');
    // Without a listener Node serves the request as a plain one.
    expect((await RawPeer.ask(port, upgradeRequest('/chat'))).response.status).toBe(200);
    endpoint.attach(server, { path: '/chat' });
    expect(await answerOf(`${url}/chat`)).toBe('x');
  });

  it('says what is wrong with its arguments', () => {
    const endpoint = new WebSocketEndpoint({});
    const server = createServer();
    // @ts-expect-error no server
    expect(() => endpoint.attach({})).toThrow('server');
    expect(() => endpoint.attach(server, { path: 'chat' })).toThrow('path');
    // @ts-expect-error no such thing
    expect(() => endpoint.attach(server, { otherwise: 'wait' })).toThrow('otherwise');
    endpoint.attach(server, { path: '/chat' });
    expect(() => new WebSocketEndpoint({}).attach(server, { path: '/chat' })).toThrow('/chat already');
  });
});

describe('another upgrade than to a WebSocket', () => {
  const h2c = (first: string, body = '') =>
    `${first} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n` +
    `HTTP2-Settings: AAMAAABk\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  it('is served as the plain request that it also is, with its body, and so are those after it', async () => {
    const { port } = await serve(
      {},
      {
        listener: async (request, response) => {
          let body = '';
          for await (const chunk of request) body += chunk;
          response.end(`${request.method} ${request.url} ${body}`);
        },
      },
    );
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send(h2c('POST /x', 'hello').slice(0, -2));
    await new Promise(setImmediate);
    peer.send('lo');
    expect(await peer.response()).toMatchObject({ status: 200, body: 'POST /x hello' });
    peer.send(h2c('POST /x', 'at once'));
    expect(await peer.response()).toMatchObject({ status: 200, body: 'POST /x at once' });
    peer.send(h2c('GET /y'), h2c('GET /z'), upgradeRequest());
    expect(await peer.response()).toMatchObject({ status: 200, body: 'GET /y ' });
    expect(await peer.response()).toMatchObject({ status: 200, body: 'GET /z ' });
    expect((await peer.response()).status).toBe(101);
  });

  it('is left to other listeners, if there are any', async () => {
    const server = createServer();
    echo().attach(server);
    server.on('upgrade', (request, stream) => {
      if (request.headers.upgrade === 'h2c') stream.end('HTTP/1.1 418 \r\nContent-Length: 0\r\n\r\n');
    });
    const { port, url } = await listen(server);
    expect((await RawPeer.ask(port, h2c('GET /'))).response.status).toBe(418);
    expect(await answerOf(url)).toBe('x');
  });
});

describe('an upgrade behind a request whose response is not finished', () => {
  it('is answered after that response, however long that is', async () => {
    const finish = signal();
    const { port } = await serve(
      {},
      {
        listener: async (request, response) => {
          if (request.url === '/slow') await finish.happened;
          Readable.from([Buffer.alloc(8 * 1024 * 1024), Buffer.from(request.url ?? '')]).pipe(response);
        },
      },
    );
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    peer.send(get('/slow'), get('/next'), upgradeRequest('/'), frame(Opcode.PING, 'behind'));
    finish.happen();
    await until(() => peer.received.includes('HTTP/1.1 101'));
    const responses = peer.received.toString('latin1').match(/HTTP\/1\.1 \d+/g);
    expect(responses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 101']);
    await until(() => peer.received.includes('behind'));
  });

  it('is refused after that response if it has a body', async () => {
    const finish = signal();
    const { port, server } = await serve(
      {},
      {
        listener: async (_request, response) => {
          await finish.happened;
          response.end('served');
        },
      },
    );
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', upgradeRequest('/', { 'Content-Length': '4' }));
    await once(server, 'upgrade');
    peer.send('body');
    finish.happen();
    expect(await peer.response()).toMatchObject({ status: 200, body: 'served' });
    expect((await peer.response()).status).toBe(400);
  });

  it('is given up with the client', async () => {
    const closed = signal();
    const asked = signal();
    const { port, endpoint } = await serve(
      {},
      {
        listener: (_request, response) => {
          asked.happen();
          response.write('for ever');
          response.on('close', () => closed.happen());
        },
      },
    );
    const peer = await RawPeer.connect({ port, host: '127.0.0.1' });
    peer.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', upgradeRequest());
    await asked.happened;
    peer.reset();
    await closed.happened;
    expect(endpoint.connectionCount).toBe(0);
  });
});

describe('an endpoint', () => {
  it('works over TLS, and sees the client certificate', async () => {
    const authority = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    const server = createSecureServer({
      key: authority.private,
      cert: authority.cert,
      requestCert: true,
      rejectUnauthorized: false,
    });
    const endpoint = endpointFor<{ encrypted: boolean; subject: string | string[] | undefined }>({
      upgrade: (request) => ({
        data: { encrypted: request.encrypted, subject: request.certificate?.subject.CN },
      }),
      message: (socket, message) => socket.send(message),
    });
    endpoint.attach(server);
    const { port } = await listen(server);
    const tls: ClientOptions & { servername: string } = {
      ca: authority.cert,
      key: authority.private,
      cert: authority.cert,
      servername: 'localhost',
    };
    const client = await open(`wss://127.0.0.1:${port}`, [], tls);
    expect([...endpoint.sockets].map(({ data }) => data)).toEqual([{ encrypted: true, subject: 'localhost' }]);
    const text = 'a'.repeat(1_000_000);
    client.send(text);
    expect(await nextMessage(client)).toBe(text);
    client.close(1000);
    expect((await once(client, 'close'))[0]).toBe(1000);
    const noCertificate: ClientOptions & { servername: string } = { ca: authority.cert, servername: 'localhost' };
    const anonymous = await open(`wss://127.0.0.1:${port}`, [], noCertificate);
    expect([...endpoint.sockets].map(({ data }) => data.subject)).toContain(undefined);
    anonymous.terminate();
  });

  it('answers over TLS a Ping that came with the request', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    const server = createSecureServer({ key, cert });
    echo().attach(server);
    const { port } = await listen(server);
    const client = connectSecurely({ port, host: '127.0.0.1', ca: cert, servername: 'localhost' });
    onTestFinished(() => void client.destroy());
    client.write(Buffer.concat([Buffer.from(upgradeRequest()), frame(Opcode.PING, 'early')]));
    let received = '';
    for await (const chunk of client) {
      received += String(chunk);
      if (received.includes('early')) break;
    }
    expect(received).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('serves another upgrade over TLS as the plain request that it also is', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    const server = createSecureServer({ key, cert }, (_request, response) => response.end('page'));
    echo().attach(server);
    const { port } = await listen(server);
    const socket = connectSecurely({ port, host: '127.0.0.1', ca: cert, servername: 'localhost' });
    onTestFinished(() => void socket.destroy());
    const peer = new RawPeer(socket);
    peer.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    expect(await peer.response()).toMatchObject({ status: 200, body: 'page' });
  });

  it('works on a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidewire-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const server = createServer();
    const endpoint = echo();
    endpoint.attach(server);
    const path = join(folder, 'socket');
    await listen(server, { path });
    expect(await answerOf(`ws+unix://${path}:/chat`)).toBe('x');
    expect([...endpoint.sockets][0]?.remoteAddress).toBeUndefined();
  });

  it('works beside Express', async () => {
    // @ts-expect-error Express comes without types
    const { default: express } = await import('express');
    const app = express().get('/page', (_request: unknown, response: { send(text: string): void }) =>
      response.send('express'),
    );
    const server = createServer(app);
    echo().attach(server, { path: '/chat' });
    const { url } = await listen(server);
    expect(await get(`${url}/page`)).toBe('express');
    expect(await answerOf(`${url}/chat`)).toBe('x');
  });

  it('works beside Fastify', async () => {
    const { fastify } = await import('fastify');
    const app = fastify();
    app.get('/page', async () => 'fastify');
    echo().attach(app.server, { path: '/chat' });
    await app.ready();
    const { url } = await listen(app.server);
    expect(await get(`${url}/page`)).toBe('fastify');
    expect(await answerOf(`${url}/chat`)).toBe('x');
  });

  it('works beside Hono', async () => {
    const { Hono } = await import('hono');
    const { createAdaptorServer } = await import('@hono/node-server');
    const app = new Hono().get('/page', (context) => context.text('hono'));
    const server = createAdaptorServer({ fetch: app.fetch });
    echo().attach(server, { path: '/chat' });
    if (!('closeAllConnections' in server)) throw new Error('The adaptor has made no server of HTTP/1.1');
    const { url } = await listen(server);
    expect(await get(`${url}/page`)).toBe('hono');
    expect(await answerOf(`${url}/chat`)).toBe('x');
  });
});
