import { describe, expect, test } from 'vitest';
import { answeringServer, certificateFor, echoServer, onRequest, tcpServer } from './support/servers.ts';
import { failureOf, open } from './support/sockets.ts';

const credentials = { Authorization: 'Bearer secret', Cookie: 'session=secret', 'X-Kept': 'yes' };

async function redirectTo(location: string | undefined, status = 302): Promise<string> {
  const header = location === undefined ? '' : `Location: ${location}\r\n`;
  const { port } = await answeringServer(() => `HTTP/1.1 ${status} Moved\r\n${header}Content-Length: 0\r\n\r\n`);
  return `ws://127.0.0.1:${port}/from/here`;
}

test('none is followed unless asked for', async () => {
  const { url } = await echoServer();
  const failure = await failureOf(await redirectTo(url));
  expect([failure.code, failure.response?.status]).toEqual(['STATUS', 302]);
  expect(failure.response?.headers.get('location')).toBe(url);
});

describe('with the option redirects', () => {
  test.each([301, 302, 303, 307, 308])('a %d is followed', async (status) => {
    const server = await echoServer();
    const socket = await open(await redirectTo(server.url.replace('ws:', 'http:'), status), { redirects: 1 });
    expect(socket.handshake?.url).toBe(server.url);
  });

  test('a relative location is resolved, and url stays what it was', async () => {
    let first = true;
    const { port } = await answeringServer(() => {
      const status = first ? '302 Found\r\nLocation: ../there?x#part' : '418 Teapot';
      first = false;
      return `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;
    });
    const failure = await failureOf(`ws://127.0.0.1:${port}/from/here`, { redirects: 5 });
    expect(failure.response?.status).toBe(418);
  });

  test('a loop ends at the limit', async () => {
    const url = await redirectTo('/again');
    expect(await failureOf(url, { redirects: 3 })).toMatchObject({ code: 'REDIRECT_LIMIT' });
  });

  test('slow ones have one deadline together', async () => {
    // With a deadline each, all fifty would be followed, and the next one would fail with REDIRECT_LIMIT.
    const { port } = await tcpServer((socket) =>
      onRequest(socket, () => {
        setTimeout(() => socket.end('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'), 100);
      }),
    );
    const failure = await failureOf(`ws://127.0.0.1:${port}/`, { redirects: 50, handshakeTimeout: 400 });
    expect(failure.code).toBe('HANDSHAKE_TIMEOUT');
  });

  test.each([undefined, 'ftp://127.0.0.1/', 'http://', 'javascript:alert(1)'])('the location %s fails', async (to) => {
    expect(await failureOf(await redirectTo(to), { redirects: 1 })).toMatchObject({ code: 'REDIRECT_TARGET' });
  });

  test('credentials stay with their origin', async () => {
    const server = await echoServer();
    const from = (await redirectTo(server.url)).replace('//', '//user:password@');
    await open(from, { redirects: 1, headers: credentials });
    const headers = server.requests[0]?.headers;
    expect([headers?.authorization, headers?.cookie, headers?.['x-kept']]).toEqual([undefined, undefined, 'yes']);
  });

  test('within one origin they go along', async () => {
    const requests: string[] = [];
    const { port } = await answeringServer((request) => {
      requests.push(request);
      return 'HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n';
    });
    await failureOf(`ws://127.0.0.1:${port}/a`, { redirects: 1, headers: credentials });
    expect(requests).toHaveLength(2);
    expect(requests[1]).toContain('Bearer secret');
  });

  test('from wss: to ws: is refused, or followed without credentials where that is asked for', async () => {
    const certificate = await certificateFor('localhost');
    const plain = await echoServer();
    const secure = await echoServer(
      { verifyClient: (_, done) => done(false, 302, '', { Location: plain.url }) },
      certificate,
    );
    const options = { tls: { ca: certificate.cert }, headers: credentials };
    expect(await failureOf(secure.url, { ...options, redirects: 1 })).toMatchObject({ code: 'REDIRECT_INSECURE' });
    await open(secure.url, { ...options, redirects: { max: 1, allowInsecure: true } });
    expect(plain.requests[0]?.headers.authorization).toBeUndefined();
  });
});
