import { describe, expect, test } from 'vitest';
import { certificateFor, echoServer } from './support/servers.ts';
import { failureOf, messageOf, open } from './support/sockets.ts';

describe('wss:', () => {
  test('verifies the certificate against the given authority and the name', async () => {
    const certificate = await certificateFor('localhost', '127.0.0.1');
    const { url, port } = await echoServer({}, certificate);
    const tls = { ca: certificate.cert };
    const socket = await open(url, { tls });
    socket.send('secret');
    expect(await messageOf(socket)).toBe('secret');
    await open(`wss://127.0.0.1:${port}/`, { tls });
  });

  test('refuses a certificate that nobody vouches for, with the error of TLS as the cause', async () => {
    const { url } = await echoServer({}, await certificateFor('localhost'));
    const failure = await failureOf(url);
    expect(failure).toMatchObject({ code: 'TLS', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
  });

  test('refuses a certificate for another name or address', async () => {
    const certificate = await certificateFor('other.invalid');
    const { port } = await echoServer({}, certificate);
    for (const host of ['localhost', '127.0.0.1']) {
      const failure = await failureOf(`wss://${host}:${port}/`, { tls: { ca: certificate.cert } });
      expect(failure).toMatchObject({ code: 'TLS', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    }
  });

  test('takes the name to verify from servername, and skips the verification when told', async () => {
    const certificate = await certificateFor('other.invalid');
    const { url } = await echoServer({}, certificate);
    await open(url, { tls: { ca: certificate.cert, servername: 'other.invalid' } });
    await open(url, { tls: { rejectUnauthorized: false } });
  });

  test('is not made insecure by NODE_TLS_REJECT_UNAUTHORIZED', async () => {
    const { url } = await echoServer({}, await certificateFor('localhost'));
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect(await failureOf(url)).toMatchObject({ code: 'TLS' });
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  test('to a server without TLS fails, with the reason in one line', async () => {
    const { port } = await echoServer();
    expect(await failureOf(`wss://127.0.0.1:${port}/`)).toMatchObject({
      code: 'TLS',
      message: 'No verified TLS connection to the server could be made: wrong version number',
      cause: { code: 'ERR_SSL_WRONG_VERSION_NUMBER' },
    });
  });

  test('with an invalid certificate of its own fails, and does not throw', async () => {
    const { url } = await echoServer({}, await certificateFor('localhost'));
    expect(await failureOf(url, { tls: { cert: 'nonsense', key: 'nonsense' } })).toMatchObject({ code: 'TLS' });
  });
});
