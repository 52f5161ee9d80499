import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gateway } from '@tidewire/gateway';
import { generate } from 'selfsigned';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../../../test/servers/free-port.ts';
import { endProcess } from '../../../test/servers/programs.ts';
import { Client, startGateway, tcpServer } from './support.ts';

/** What the specification's section 2.2 says stands in a header. */
function readHeader(bytes: Buffer) {
  expect(bytes.subarray(0, 12).toString('latin1')).toBe('\r\n\r\n\0\r\nQUIT\n');
  const length = bytes.readUInt16BE(14);
  const size = bytes[13] === 0x11 ? 12 : bytes[13] === 0x21 ? 36 : 0;
  const fields = new Map<number, Buffer>();
  let offset = 16 + size;
  while (offset < 16 + length) {
    const fieldLength = bytes.readUInt16BE(offset + 1);
    fields.set(bytes[offset] ?? 0, bytes.subarray(offset + 3, offset + 3 + fieldLength));
    offset += 3 + fieldLength;
  }
  expect(offset).toBe(16 + length);
  return {
    command: bytes[12],
    family: bytes[13],
    addresses: bytes.subarray(16, 16 + size),
    fields,
    rest: bytes.subarray(offset),
  };
}

/** A server, and what comes to it first. */
async function listener() {
  let heard: (bytes: Buffer) => void = () => {};
  const first = new Promise<Buffer>((resolve) => {
    heard = resolve;
  });
  const port = await tcpServer((socket) => void socket.once('data', heard).on('end', () => socket.end()));
  return { port, first };
}

/** A gateway on this server, which passes `/it` to the port with the header before it. Returns the server's port. */
async function inFrontOf(port: number, server: Server | Http2SecureServer): Promise<number> {
  const gateway = new Gateway({ targets: [{ name: 'it', host: '127.0.0.1', port, proxyProtocol: true }] });
  server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    await gateway.close({ timeout: 200 });
    server.close();
  });
  gateway.attach(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('the header of the PROXY protocol', () => {
  test('comes before the first byte, with the address of a client, its host, subprotocol and id', async () => {
    const { port, first } = await listener();
    const running = await startGateway([{ name: 'it', host: '127.0.0.1', port, proxyProtocol: true }]);
    await Client.open(`${running.url}/it`, ['binary']);
    const { command, family, addresses, fields } = readHeader(await first);
    expect([command, family]).toEqual([0x21, 0x11]);
    expect([...addresses.subarray(0, 8)]).toEqual([127, 0, 0, 1, 127, 0, 0, 1]);
    expect(addresses.readUInt16BE(8)).toBeGreaterThan(0);
    expect(addresses.readUInt16BE(10)).toBe(running.port);
    const [connection] = running.gateway.connections;
    expect(fields.get(0x01)?.toString()).toBe('binary');
    expect(fields.get(0x02)?.toString()).toBe(`127.0.0.1:${running.port}`);
    expect(fields.get(0x05)?.toString()).toBe(connection?.id);
    expect(fields.has(0x20)).toBe(false);
  });

  test('has the address that a trusted proxy names, in IPv6 where one of the two is', async () => {
    const { port, first } = await listener();
    const { url } = await startGateway([{ name: 'it', host: '127.0.0.1', port, proxyProtocol: true }], {
      trustedProxies: ['127.0.0.1'],
    });
    await Client.open(`${url}/it`, [], { headers: [['X-Forwarded-For', '2001:db8::7:1']] });
    const { family, addresses } = readHeader(await first);
    expect(family).toBe(0x21);
    expect(addresses.subarray(0, 16).toString('hex')).toBe('20010db8000000000000000000070001');
    expect(addresses.subarray(16, 32).toString('hex')).toBe('00000000000000000000ffff7f000001');
    // The port of a client behind a proxy is nobody's to know.
    expect(addresses.readUInt16BE(32)).toBe(0);
  });

  test('is as long as it says, however long a host a client names', async () => {
    const { port, first } = await listener();
    const client = connect(await inFrontOf(port, createServer({ maxHeaderSize: 256 * 1024 })), '127.0.0.1');
    onTestFinished(() => void client.destroy());
    client.on('error', () => {});
    client.write(
      `GET /it HTTP/1.1\r\nHost: ${'a'.repeat(70_000)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const { fields, rest } = readHeader(await first);
    expect(rest.length).toBe(0);
    expect(fields.has(0x02)).toBe(false);
  });

  test.each([
    ['HTTP/1.1', false],
    ['HTTP/2', true],
  ])('says that the client has come over TLS, and by which version, over %s', async (_version, http2) => {
    const { port, first } = await listener();
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const own = await inFrontOf(port, createSecureServer({ cert, key, allowHTTP1: true }));
    const client = await Client.open(`wss://127.0.0.1:${own}/it`, [], { http2, tls: { rejectUnauthorized: false } });
    client.socket.send(Buffer.from('hello'));
    const { fields, addresses } = readHeader(await first);
    expect([...addresses.subarray(0, 8)]).toEqual([127, 0, 0, 1, 127, 0, 0, 1]);
    expect(addresses.readUInt16BE(10)).toBe(own);
    expect(fields.get(0x20)?.subarray(0, 5)).toEqual(Buffer.from([1, 0, 0, 0, 1]));
    expect(fields.get(0x20)?.subarray(8).toString()).toBe('TLSv1.3');
  });
});

const nginx = inject('nginx');

describe.skipIf(nginx === '')('nginx', () => {
  /** An nginx that expects the protocol, and answers with the address that it has learned. */
  async function startNginx(): Promise<number> {
    const directory = mkdtempSync(join(tmpdir(), 'tidewire-nginx-'));
    const port = await freePort();
    const file = join(directory, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; pid ${directory}/pid; error_log stderr; events {}
      http { access_log off; server { listen 127.0.0.1:${port} proxy_protocol;
        client_body_temp_path ${directory}/a; proxy_temp_path ${directory}/b; fastcgi_temp_path ${directory}/c;
        uwsgi_temp_path ${directory}/d; scgi_temp_path ${directory}/e;
        location / { return 200 "from=$proxy_protocol_addr."; } } }`,
    );
    const child: ChildProcess = spawn(nginx, ['-c', file, '-p', directory], { stdio: 'ignore' });
    onTestFinished(async () => {
      await endProcess(child);
      rmSync(directory, { recursive: true, force: true });
    });
    return port;
  }

  test('reads it, over plain bytes of HTTP', async () => {
    const port = await startNginx();
    const { url } = await startGateway([{ name: 'http', host: '127.0.0.1', port, proxyProtocol: true }], {
      trustedProxies: ['127.0.0.1'],
    });
    const open = async (): Promise<Client> =>
      Client.open(`${url}/http`, [], { headers: [['X-Forwarded-For', '203.0.113.9']] }).catch(async () => {
        // It needs a moment to listen.
        await new Promise((resolve) => setTimeout(resolve, 50));
        return open();
      });
    const client = await open();
    client.socket.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await client.read('.')).toContain('from=203.0.113.9.');
    expect(await client.closed).toMatchObject({ code: 1000 });
  });
});
