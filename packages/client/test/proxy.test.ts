import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { afterThisTest, type Certificate, certificateFor, echoServer, tcpServer } from './support/servers.ts';
import { failureOf, messageOf, open } from './support/sockets.ts';

const variables = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const saved = new Map([...variables, 'REQUEST_METHOD'].map((name) => [name, process.env[name]]));

afterEach(() => {
  for (const [name, value] of saved) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

interface Proxy {
  readonly port: number;
  readonly requests: IncomingMessage[];
}

/** A proxy that connects everything to `to`, or refuses. */
async function proxyServer(to: number, refusal?: string, tls?: Certificate): Promise<Proxy> {
  const requests: IncomingMessage[] = [];
  const server: Server = tls === undefined ? createHttpServer() : createHttpsServer({ key: tls.key, cert: tls.cert });
  server.on('connect', (request: IncomingMessage, socket) => {
    requests.push(request);
    socket.on('error', () => {});
    if (refusal !== undefined) {
      socket.end(refusal);
      return;
    }
    const target = connectTcp(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterThisTest(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

async function echoOf(url: string, options: Parameters<typeof open>[1]) {
  const socket = await open(url, options);
  socket.send('through');
  return messageOf(socket);
}

describe('the option proxy', () => {
  test('connects by CONNECT, for ws: as for wss:, with the credentials of its URL', async () => {
    const certificate = await certificateFor('host.invalid');
    const plain = await echoServer();
    const secure = await echoServer({}, certificate);
    const one = await proxyServer(plain.port);
    const two = await proxyServer(secure.port);
    expect(await echoOf('ws://host.invalid/', { proxy: `http://us%20er:pass@127.0.0.1:${one.port}` })).toBe('through');
    const proxy = { url: new URL(`http://127.0.0.1:${two.port}`), headers: { 'X-Proxy': 'yes' } };
    expect(await echoOf('wss://host.invalid/', { proxy, tls: { ca: certificate.cert } })).toBe('through');
    expect(one.requests[0]?.url).toBe('host.invalid:80');
    expect(one.requests[0]?.headers).toMatchObject({
      host: 'host.invalid:80',
      'proxy-authorization': `Basic ${Buffer.from('us er:pass').toString('base64')}`,
    });
    expect([two.requests[0]?.url, two.requests[0]?.headers['x-proxy']]).toEqual(['host.invalid:443', 'yes']);
    expect(plain.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('verifies the server behind the proxy', async () => {
    const certificate = await certificateFor('other.invalid');
    const { port } = await echoServer({}, certificate);
    const proxy = `http://127.0.0.1:${(await proxyServer(port)).port}`;
    const failure = await failureOf('wss://host.invalid/', { proxy, tls: { ca: certificate.cert } });
    expect(failure).toMatchObject({ code: 'TLS', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    expect(await failureOf('wss://other.invalid/', { proxy })).toMatchObject({ code: 'TLS' });
  });

  test('verifies an https: proxy, with TLS options of its own', async () => {
    const certificate = await certificateFor('localhost');
    const { port } = await echoServer();
    const url = `https://localhost:${(await proxyServer(port, undefined, certificate)).port}`;
    expect(await failureOf('ws://host.invalid/', { proxy: url })).toMatchObject({ code: 'PROXY' });
    const tls = { ca: certificate.cert };
    expect(await failureOf('ws://host.invalid/', { proxy: url, tls })).toMatchObject({ code: 'PROXY' });
    expect(await echoOf('ws://host.invalid/', { proxy: { url, tls } })).toBe('through');
  });

  test('tells what a refusing proxy said', async () => {
    const refusal = 'HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: Basic\r\n\r\n';
    const { port } = await proxyServer(0, refusal);
    const failure = await failureOf('ws://host.invalid/', { proxy: `http://127.0.0.1:${port}` });
    expect([failure.code, failure.response?.status]).toEqual(['PROXY_REFUSED', 407]);
    expect(failure.response?.headers.get('proxy-authenticate')).toBe('Basic');
  });

  test('has one deadline with the rest of the handshake', async () => {
    const silent = await tcpServer(() => {});
    const options = { proxy: `http://127.0.0.1:${silent.port}`, handshakeTimeout: 200 };
    expect(await failureOf('ws://host.invalid/', options)).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });

  test('that is not there is a failure', async () => {
    const failure = await failureOf('ws://host.invalid/', { proxy: 'http://127.0.0.1:9' });
    expect(failure).toMatchObject({ code: 'PROXY', cause: { code: 'ECONNREFUSED' } });
    expect(failure.message).toBe('No connection to the proxy could be made: connect ECONNREFUSED 127.0.0.1:9');
  });
});

describe('the environment', () => {
  test.each([
    ['ws:', 'http_proxy'],
    ['ws:', 'HTTP_PROXY'],
    ['ws:', 'all_proxy'],
    ['wss:', 'https_proxy'],
    ['wss:', 'HTTPS_PROXY'],
    ['wss:', 'ALL_PROXY'],
  ])('%s goes through %s', async (scheme, name) => {
    const { port, requests } = await proxyServer(0, 'HTTP/1.1 403 No\r\n\r\n');
    process.env[name] = `127.0.0.1:${port}`;
    expect(await failureOf(`${scheme}//host.invalid/`)).toMatchObject({ code: 'PROXY_REFUSED' });
    expect(requests).toHaveLength(1);
    expect(await failureOf(`${scheme}//host.invalid/`, { proxy: false })).toMatchObject({ code: 'CONNECT' });
  });

  test('HTTP_PROXY does not count under CGI, where a client sets it by a header', async () => {
    process.env.REQUEST_METHOD = 'GET';
    process.env.HTTP_PROXY = 'http://127.0.0.1:9';
    expect(await failureOf('ws://host.invalid/')).toMatchObject({ code: 'CONNECT' });
  });

  test.each([
    ['all_proxy', 'socks5://me:secret@127.0.0.1:1080', 'all_proxy has the scheme socks5:'],
    ['HTTP_PROXY', 'socks://127.0.0.1:1080', 'HTTP_PROXY has the scheme socks:'],
    ['http_proxy', 'me:secret@127.0.0.1:99999', 'http_proxy is not a valid URL'],
    ['http_proxy', 'secret:me://127.0.0.1', 'http_proxy is not a valid URL'],
  ])('a proxy of another kind is never just left out: %s=%s', async (name, value, detail) => {
    process.env[name] = value;
    const { code, message } = await failureOf('ws://host.invalid/');
    expect(code).toBe('PROXY_UNSUPPORTED');
    expect(message).toBe(`A proxy from the environment must have an http: or https: URL: ${detail}`);
  });

  test.each([
    ['*', 'host.invalid', true],
    ['host.invalid', 'host.invalid', true],
    ['HOST.invalid', 'host.invalid', true],
    ['host.invalid', 'sub.host.invalid', true],
    ['.host.invalid', 'sub.host.invalid', true],
    ['*.host.invalid', 'sub.host.invalid', true],
    ['host.invalid', 'otherhost.invalid', false],
    ['a.invalid, host.invalid:80', 'host.invalid', true],
    ['host.invalid:81', 'host.invalid', false],
    ['127.0.0.1', '127.0.0.1:9', true],
    ['127.0.0.0/8', '127.0.0.1:9', true],
    ['10.0.0.0/8', '127.0.0.1:9', false],
    ['10.0.0.0/99', '127.0.0.1:9', false],
    ['[::1]', '[::1]:9', true],
    ['::1', '[::1]:9', true],
    ['fe80::/10', '127.0.0.1:9', false],
    ['', 'host.invalid', false],
  ])('NO_PROXY=%s and the host %s: exempt is %s', async (list, host, isExempt) => {
    const { port } = await proxyServer(0, 'HTTP/1.1 403 No\r\n\r\n');
    process.env.http_proxy = `http://127.0.0.1:${port}`;
    process.env.NO_PROXY = list;
    const { code } = await failureOf(`ws://${host}/`, { allowBlockedPorts: true });
    expect(code).toBe(isExempt ? 'CONNECT' : 'PROXY_REFUSED');
  });
});
