import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test } from 'vitest';
import { Cli, Peer } from '../support.ts';

/** A TCP server that sends everything back. */
async function echo(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `tidewire gateway` on a free port, once it listens. */
async function gateway(...args: string[]) {
  const cli = new Cli(['gateway', '--listen', '127.0.0.1:0', ...args]);
  const [, url = ''] = await cli.shows(/^ {2}(wss?:\/\/\S+?:\d+)\//m);
  return { cli, url };
}

test('says where clients get whom, and that everybody may connect', async () => {
  const port = await echo();
  const { cli, url } = await gateway('--map', `echo=tcp://localhost:${port}`, '--map', 'stomp=tcp://localhost:61613');
  await cli.shows(/keys\.\n/);
  expect(cli.stdout).toBe(`The gateway is ready. Ctrl-C stops it.
  ${url}/echo   tcp://localhost:${String(port).padEnd(5)}  binary, base64
  ${url}/stomp  tcp://localhost:61613  v12.stomp, v11.stomp, v10.stomp
  Whoever gets here may connect: there are neither tokens nor keys.
`);
  const peer = await Peer.open(`${url}/echo`);
  peer.socket.send('hello');
  expect(await peer.next()).toBe('hello');
});

test('takes keys and paths from a file, answers to /health and /metrics, and logs no secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.yaml');
  const key = 'a-key-that-nobody-sees';
  writeFileSync(
    file,
    `targets: { echo: { to: "tcp://127.0.0.1:${await echo()}", path: /raw } }\nkeys: [{ name: app, key: ${key} }]\n`,
  );
  const { cli, url } = await gateway('--config', file);
  const peer = await Peer.open(`${url}/raw?token=${key}`);
  peer.socket.send('hello');
  await peer.next();
  await expect(Peer.open(`${url}/raw?token=${key}x`)).rejects.toMatchObject({ response: { status: 401 } });
  await expect(Peer.open(`${url}/none`)).rejects.toMatchObject({ response: { status: 404 } });
  const http = url.replace('ws', 'http');
  expect(await (await fetch(`${http}/health`)).json()).toMatchObject({ status: 'ok', connections: { echo: 1 } });
  const metrics = await (await fetch(`${http}/metrics`)).text();
  expect(metrics).toContain('tidewire_gateway_connections{target="echo"} 1\n');
  expect(metrics).toContain('tidewire_gateway_refused_total{target="echo",reason="unauthorized"} 1\n');
  expect(metrics).toContain('tidewire_gateway_refused_total{target="(none)",reason="no_endpoint"} 1\n');
  expect(metrics).toContain('process_cpu_seconds_total');
  cli.process.kill('SIGTERM');
  expect(await peer.closed).toMatchObject({ code: 1001 });
  const { code, stdout, stderr } = await cli.finished;
  expect(code).toBe(0);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const opened = lines.find(({ msg }) => msg === 'connection opened');
  expect(opened).toMatchObject({ target: 'echo', from: '127.0.0.1', user: 'app', subprotocol: '' });
  const closed = { msg: 'connection closed', id: opened.id, code: 1001, bytes: { toServer: 5, fromServer: 5 } };
  expect(lines).toContainEqual(expect.objectContaining(closed));
  const refused = { msg: 'client refused', path: '/raw', status: 401, reason: 'UNAUTHORIZED' };
  expect(lines).toContainEqual(expect.objectContaining(refused));
  expect(lines).toContainEqual(expect.objectContaining({ path: '/none', status: 404, reason: 'NO_ENDPOINT' }));
  expect(stdout + stderr).not.toContain(key);
});

test('speaks TLS, and says aloud that it takes any certificate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = [{ name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: 'localhost' }] }];
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { extensions: names });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const tls = ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')];
  const { cli, url } = await gateway('--map', `echo=tcp://127.0.0.1:${await echo()}`, '--insecure', ...tls);
  expect(url).toMatch(/^wss:/);
  const peer = await Peer.open(`${url.replace('127.0.0.1', 'localhost')}/echo`, ['binary'], { tls: { ca: cert } });
  peer.socket.send(Buffer.from('hello'));
  expect(await peer.next()).toEqual(Uint8Array.from(Buffer.from('hello')));
  cli.process.kill('SIGINT');
  expect((await cli.finished).stderr).toContain(
    '"target":"echo","msg":"the certificate of this server is not verified',
  );
});

test('serves others while a hundred clients say half of a request', async () => {
  const { url } = await gateway('--map', `echo=tcp://127.0.0.1:${await echo()}`, '--max-connections', '5');
  const port = Number(new URL(url).port);
  const slow = Array.from({ length: 100 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgr');
    onTestFinished(() => {
      socket.destroy();
    });
    return socket;
  });
  await Promise.all(slow.map((socket) => socket.readyState === 'open' || once(socket, 'connect')));
  const peer = await Peer.open(`${url}/echo`);
  peer.socket.send('hello');
  expect(await peer.next()).toBe('hello');
});
