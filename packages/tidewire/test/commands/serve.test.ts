import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test } from 'vitest';
import { Cli, Peer, rawWebSocket, serve } from '../support.ts';

test('serve says where everything is, once it listens', async () => {
  const { cli, port } = await serve();
  expect(cli.stdout).toBe(
    [
      'Tidewire is ready. Ctrl-C stops it.',
      `  pages  http://127.0.0.1:${port}/`,
      `  hub    ws://127.0.0.1:${port}/connection/websocket`,
      `  lines  ws://127.0.0.1:${port}/connection/lines`,
      `  echo   ws://127.0.0.1:${port}/echo`,
      '  try    channels such as try:news are open to all: {"subscribe":"try:news"} to lines',
      '',
    ].join('\n'),
  );
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
});

test('who does what serve says has a channel', async () => {
  const { port } = await serve();
  const peer = await Peer.open(`ws://127.0.0.1:${port}/connection/lines`);
  peer.socket.send('{"subscribe":"try:news"}');
  peer.socket.send('{"publish":"try:news","data":"hello"}');
  const lines = [await peer.next(), await peer.next(), await peer.next(), await peer.next()].join('\n');
  for (const part of ['"connected"', '"subscribed":"try:news"', '"published":"try:news"', '"data":"hello"'])
    expect(lines).toContain(part);
});

test('serve logs a JSON object per line, without what is said or who says it', async () => {
  const { cli, port } = await serve();
  const peer = await Peer.open(`ws://127.0.0.1:${port}/connection/lines?about=secret`);
  peer.socket.send(JSON.stringify({ subscribe: 'try:Ophelia' }));
  await peer.next();
  peer.socket.close(1000);
  await peer.closed;
  await expect(
    Peer.open(`ws://127.0.0.1:${port}/connection/lines`, [], { origin: 'https://evil.example' }),
  ).rejects.toThrow();
  cli.process.kill('SIGTERM');
  const { stderr } = await cli.finished;
  const lines: Record<string, unknown>[] = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ msg }) => msg)).toEqual([
    'listening',
    'connection opened',
    'connection closed',
    'handshake refused',
    'draining',
    'stopped',
  ]);
  expect(lines[3]).toMatchObject({ status: 403, reason: 'FOREIGN_ORIGIN', origin: 'https://evil.example' });
  expect(stderr).not.toMatch(/Ophelia|secret/);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s closes every client with 1001, and the process exits 0',
  async (signal) => {
    const { cli, port } = await serve('--log-level', 'silent');
    const urls = Array.from(
      { length: 20 },
      (_, index) => `ws://127.0.0.1:${port}/${index === 0 ? 'race/control' : 'echo'}`,
    );
    const peers = await Promise.all(urls.map((url) => Peer.open(url)));
    // Neither somebody who says nothing nor an idle request keeps the process.
    const silent = connect(port, '127.0.0.1');
    onTestFinished(() => {
      silent.destroy();
    });
    await fetch(`http://127.0.0.1:${port}/`);
    const since = performance.now();
    cli.process.kill(signal);
    for (const { closed } of peers) {
      expect(await closed).toEqual({ code: 1001, reason: 'The server is shutting down', wasClean: true });
    }
    expect((await cli.finished).code).toBe(0);
    expect(performance.now() - since).toBeLessThan(8000);
  },
);

test('a client that never answers the close does not hold the process for the ten seconds that it has otherwise', async () => {
  const { cli, port } = await serve();
  const socket = await rawWebSocket(port);
  const since = performance.now();
  cli.process.kill('SIGINT');
  await new Promise((resolve) => socket.once('data', resolve));
  expect((await cli.finished).code).toBe(0);
  expect(performance.now() - since).toBeLessThan(8000);
});

test('a second Ctrl-C exits at once', async () => {
  const { cli, port } = await serve();
  const socket = await rawWebSocket(port);
  cli.process.kill('SIGINT');
  await new Promise((resolve) => socket.once('data', resolve));
  // The first has closed the connections, and waits for this client. What follows right behind it is the same key.
  await new Promise((resolve) => setTimeout(resolve, 350));
  cli.process.kill('SIGINT');
  expect((await cli.finished).code).toBe(130);
});

test('serve speaks TLS with a certificate and its key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: 'localhost' }] }];
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { extensions });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const { cli, port } = await serve('--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem'));
  expect(cli.stdout).toContain(`https://127.0.0.1:${port}/\n`);

  const status = await new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', servername: 'localhost', ca: cert, path: '/chat' }, (response) => {
      resolve(response.statusCode);
      response.resume();
    });
    asked.on('error', reject).end();
  });
  expect(status).toBe(200);
  const peer = await Peer.open(`wss://localhost:${port}/echo`, [], { tls: { ca: cert } });
  peer.socket.send('safe');
  expect(await peer.next()).toBe('safe');

  const client = new Cli(['connect', `wss://localhost:${port}/echo`]);
  client.process.stdin.end('x');
  const refused = await client.finished;
  expect(refused.stderr).toMatch(/^tidewire: Could not connect to wss:\S+: TLS: .*\(--ca names .* --insecure .*\)\n$/);
  expect(refused.code).toBe(1);
  for (const flags of [['--insecure'], ['--ca', join(folder, 'cert.pem')]]) {
    const trusting = new Cli(['connect', `wss://localhost:${port}/echo`, '--count', '1', ...flags]);
    trusting.process.stdin.end('trust\n');
    expect(await trusting.finished).toMatchObject({ code: 0, stdout: 'trust\n' });
  }
});

test('echo echoes on every path, and its plain answer says what it is', async () => {
  const cli = new Cli(['echo', '--port', '0']);
  const [, url = ''] = await cli.shows(/^Tidewire echoes at (ws:\S+)\. /);
  const peer = await Peer.open(new URL('/some/where?x=1', url).href);
  peer.socket.send('hello');
  expect(await peer.next()).toBe('hello');
  const response = await fetch(url.replace('ws:', 'http:'));
  expect(response.status).toBe(426);
  expect(response.headers.get('upgrade')).toBe('websocket');
  expect(await (await fetch(new URL('/health', url.replace('ws:', 'http:')))).json()).toMatchObject({
    connections: { echo: 1 },
  });
});

test('the limits are those of the flags', async () => {
  const cli = new Cli(['echo', '--port', '0', '--max-message', '1KiB', '--max-connections', '1', '--deflate']);
  const [, url = ''] = await cli.shows(/^Tidewire echoes at (ws:\S+)\. /);
  const peer = await Peer.open(url, [], { deflate: true });
  expect(peer.socket.extensions).toMatch(/^permessage-deflate/);
  await expect(Peer.open(url)).rejects.toMatchObject({ response: { status: 503 } });
  peer.socket.send('x'.repeat(1025));
  expect((await peer.closed).code).toBe(1009);
});
