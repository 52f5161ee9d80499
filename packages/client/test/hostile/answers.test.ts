import { describe, expect, test } from 'vitest';
import { answeringServer, onRequest, switching, tcpServer } from '../support/servers.ts';
import { failureOf } from '../support/sockets.ts';

// What a server can answer to the opening handshake to harm the client.

const urlOf = ({ port }: { readonly port: number }) => `ws://127.0.0.1:${port}/`;

describe('an answer that breaks the handshake is refused, with a code for each rule', () => {
  test.each<[string, (request: string) => string, string]>([
    ['a wrong Sec-WebSocket-Accept', () => switching('Sec-WebSocket-Key: other'), 'ACCEPT'],
    ['two Sec-WebSocket-Accept', (request) => switching(request, 'Sec-WebSocket-Accept: x'), 'ACCEPT'],
    ['no Sec-WebSocket-Accept', (request) => switching(request).replace(/^Sec-WebSocket-Accept.*\r\n/m, ''), 'ACCEPT'],
    ['another Upgrade', (request) => switching(request).replace('websocket', 'h2c'), 'UPGRADE'],
    ['no Upgrade', (request) => switching(request).replace('Upgrade: websocket\r\n', ''), 'UPGRADE'],
    ['no Connection', (request) => switching(request).replace('Connection: Upgrade\r\n', ''), 'CONNECTION'],
    ['the status 200', (request) => switching(request).replace('101 Switching', '200 Not switching'), 'STATUS'],
    ['a subprotocol not asked for', (request) => switching(request, 'Sec-WebSocket-Protocol: x'), 'SUBPROTOCOL'],
    [
      'an extension not offered',
      (request) => switching(request, 'Sec-WebSocket-Extensions: x'),
      'EXTENSION_NOT_OFFERED',
    ],
    ['a malformed extension', (request) => switching(request, 'Sec-WebSocket-Extensions: ;;'), 'EXTENSIONS'],
  ])('%s', async (_, answer, code) => {
    expect(await failureOf(urlOf(await answeringServer(answer)))).toMatchObject({ code });
  });

  test.each([
    ['server_max_window_bits=7', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=16', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=0', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=99', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=', 'EXTENSIONS'],
    ['server_max_window_bits', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=1e1', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=010', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=0x0a', 'DEFLATE_PARAMETERS'],
    ['server_max_window_bits=10; server_max_window_bits=10', 'DEFLATE_PARAMETERS'],
    ['client_max_window_bits', 'DEFLATE_PARAMETERS'],
    ['client_max_window_bits=7', 'DEFLATE_PARAMETERS'],
    ['unknown', 'DEFLATE_PARAMETERS'],
    ['server_no_context_takeover=1', 'DEFLATE_PARAMETERS'],
  ])('permessage-deflate; %s', async (parameters, code) => {
    const server = await answeringServer((request) =>
      switching(request, `Sec-WebSocket-Extensions: permessage-deflate; ${parameters}`),
    );
    expect(await failureOf(urlOf(server), { deflate: true })).toMatchObject({ code });
  });

  test('parameters that were asked for and not agreed to', async () => {
    const server = await answeringServer((request) =>
      switching(request, 'Sec-WebSocket-Extensions: permessage-deflate'),
    );
    const failure = await failureOf(urlOf(server), { deflate: { serverNoContextTakeover: true } });
    expect(failure).toMatchObject({ code: 'DEFLATE_CONTEXT_TAKEOVER' });
  });
});

describe('an answer without end is given up', () => {
  test('2000 headers', async () => {
    const many = Array.from({ length: 2000 }, (_, index) => `X-${index}: ${index}`);
    expect(await failureOf(urlOf(await answeringServer((request) => switching(request, ...many))))).toMatchObject({
      code: 'RESPONSE',
      cause: { code: 'HPE_HEADER_OVERFLOW' },
    });
  });

  test('one header of 20 MB in drips', async () => {
    let sent = 0;
    const server = await tcpServer((socket) =>
      onRequest(socket, () => {
        const drip = setInterval(() => {
          sent += 4096;
          socket.write('x'.repeat(4096));
        }, 1);
        socket.on('close', () => clearInterval(drip));
        socket.write('HTTP/1.1 101 Switching Protocols\r\nX-Long: ');
      }),
    );
    expect(await failureOf(urlOf(server))).toMatchObject({ code: 'RESPONSE' });
    expect(sent).toBeLessThan(1024 * 1024);
  });

  test('informational answers again and again', async () => {
    const server = await tcpServer((socket) =>
      onRequest(socket, () => {
        const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 1);
        socket.on('close', () => clearInterval(drip));
      }),
    );
    expect(await failureOf(urlOf(server), { handshakeTimeout: 300 })).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });

  test('one byte of the head at a time, without end', async () => {
    const server = await tcpServer((socket) =>
      onRequest(socket, () => {
        const drip = setInterval(() => socket.write('H'), 20);
        socket.on('close', () => clearInterval(drip));
      }),
    );
    expect((await failureOf(urlOf(server), { handshakeTimeout: 300 })).code).toMatch(/HANDSHAKE_TIMEOUT|RESPONSE/);
  });

  test('a refusal with an endless body, of which little is kept', async () => {
    const server = await tcpServer((socket) =>
      onRequest(socket, () => {
        const flow = () => {
          while (!socket.destroyed && socket.write('x'.repeat(65_536)));
        };
        socket.write('HTTP/1.1 500 No\r\n\r\n');
        socket.on('drain', flow);
        flow();
      }),
    );
    const failure = await failureOf(urlOf(server));
    expect([failure.code, failure.response?.body.length]).toEqual(['STATUS', 16_384]);
  });
});
