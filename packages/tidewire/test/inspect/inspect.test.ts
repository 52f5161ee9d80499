import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InspectorMessage, parseJsonLines } from '@tidewire/inspector/recording';
import { WebSocketEndpoint } from '@tidewire/server';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Cli, Peer, run } from '../support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidewire-inspect-'));
const file = (name: string) => join(folder, name);

const echo = new WebSocketEndpoint({
  message: (socket, message) => {
    socket.send(message);
  },
});
const plain = createServer((_request, response) => response.end('a page'));
let secure: ReturnType<typeof createSecureServer>;
let url = '';
let secureUrl = '';

beforeAll(async () => {
  const attributes = [{ name: 'commonName', value: 'localhost' }];
  const made = await generate(attributes, {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  writeFileSync(file('cert.pem'), made.cert);
  writeFileSync(file('key.pem'), made.private);
  secure = createSecureServer({ cert: made.cert, key: made.private });
  for (const server of [plain, secure]) {
    echo.attach(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  url = `ws://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  secureUrl = `wss://localhost:${(secure.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await echo.close({ timeout: 0 });
  plain.close();
  secure.close();
  rmSync(folder, { recursive: true });
});

/** `tidewire inspect`, once it listens. */
async function inspect(...args: string[]) {
  const cli = new Cli(['inspect', '--listen', '0', '--console', '0', ...args]);
  const [, listens = '', address = '', key = ''] = await cli.shows(
    /clients connect to {2}(\S+)\n {2}console {13}(http:\/\/\S+)\/console\/inspector#key=(\S+)\n/,
  );
  return { cli, listens, console: address, key };
}

/** Logs in, and connects as the page does. */
async function look(address: string, key: string, host = new URL(address).host): Promise<WebSocket> {
  const headers = { 'Content-Type': 'application/json', Origin: address };
  const login = await fetch(`${address}/console/session`, { method: 'POST', headers, body: JSON.stringify({ key }) });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  return new WebSocket(`${address.replace('http', 'ws')}/console/inspector/socket`, {
    headers: { Cookie: cookie, Host: host },
    origin: `http://${host}`,
  });
}

describe('tidewire inspect', () => {
  test('shows what goes through it: as lines, in a file, and to pages', async () => {
    const { cli, listens, console, key } = await inspect(`${url}/place?a=1`, '--print', '--record', file('a.jsonl'));
    expect(listens).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/place\?a=1$/);
    const said: InspectorMessage[] = [];
    const page = await look(console, key);
    page.on('message', (data) => said.push(JSON.parse(String(data))));
    await new Promise((resolve) => page.on('open', resolve));
    page.send(JSON.stringify({ type: 'watch', order: 1 }));

    const peer = await Peer.open(listens);
    peer.socket.send('{"tide":"high","password":"geheim"}');
    await peer.next();
    peer.socket.send('and\nlow');
    expect(await peer.next()).toBe('and\nlow');
    peer.socket.close(4000, 'enough');
    await cli.shows(/#1 asks|127\.0\.0\.1 asks for ws:\/\/127\.0\.0\.1:\d+\/place\?a=1\n/);
    await cli.shows(/#1 → text 35 B \{"tide":"high","password":"•••• \(masked\)"\}\n/);
    await cli.shows(/#1 ← text 7 B and\\nlow\n/);
    await cli.shows(/#1 → close 8 B 4000 \(the application's own\): enough\n/);
    await cli.shows(/#1 ended by the client with 4000: enough\n/);
    expect(cli.stdout).not.toContain('geheim');
    expect(said[0]).toMatchObject({ type: 'hello', target: url, masks: true });
    // What is new is told in turns, and need not have come when the lines have.
    const news = () => said.flatMap((each) => (each.type === 'news' ? each.messages : []));
    while (news().length === 0) await once(page, 'message');
    expect(news()[0]).toMatchObject({ data: '{"tide":"high","password":"•••• (masked)"}' });

    cli.process.kill('SIGINT');
    expect(await cli.finished).toMatchObject({ code: 0, stderr: '' });
    const text = readFileSync(file('a.jsonl'), 'utf8');
    expect(text).not.toContain('geheim');
    const { connections, messages, isCutOff } = parseJsonLines(text);
    expect(isCutOff).toBe(false);
    expect(connections).toMatchObject([{ id: 1, response: { status: 101 }, end: { code: 4000, by: 'client' } }]);
    expect(messages.map(({ seq, opcode }) => [seq, opcode])).toEqual(
      [1, 1, 1, 1, 8, 8].map((opcode, i) => [i + 1, opcode]),
    );
    expect(statSync(file('a.jsonl')).mode & 0o777).toBe(0o600);
  });

  test('starts the browser with a link that is good once, and not with the key', async () => {
    writeFileSync(file('browser'), `#!/bin/sh\necho "$1" >> '${file('opened')}'\n`, { mode: 0o755 });
    const cli = new Cli(['inspect', url, '--listen', '0', '--console', '0', '--open'], undefined, undefined, {
      ...process.env,
      BROWSER: file('browser'),
    });
    const [, console, key = ''] = await cli.shows(/console {13}((?:http:\/\/\S+)#key=(\S+))\n/);
    const opened = () => (existsSync(file('opened')) ? readFileSync(file('opened'), 'utf8') : '');
    await expect.poll(opened).toMatch(/\n/);
    expect(opened()).not.toContain(key);
    const follow = () => fetch(opened().trim(), { redirect: 'manual' });
    const first = await follow();
    expect([first.status, new URL(first.headers.get('location') ?? '', opened()).href]).toEqual([302, console]);
    expect([(await follow()).status, await follow().then((answer) => answer.text())]).toEqual([
      410,
      'This link was good once, for a minute. The terminal has the URL of the console.\n',
    ]);
  });

  test('passes plain requests on, and speaks TLS on both sides', async () => {
    const { listens } = await inspect(
      ...[secureUrl, '--ca', file('cert.pem'), '--cert', file('cert.pem'), '--key', file('key.pem'), '--show-secrets'],
    );
    expect(listens).toMatch(/^wss:/);
    const peer = await Peer.open(listens, [], { tls: { rejectUnauthorized: false } });
    peer.socket.send('over TLS');
    expect(await peer.next()).toBe('over TLS');
    const { listens: open } = await inspect(url, '--listen', ':0');
    expect(open).toMatch(/^ws:\/\/localhost:\d+$/);
    expect(await (await fetch(open.replace('ws:', 'http:'))).text()).toBe('a page');
  });

  test('lets nobody in without the key, nor under a name that is not its own', async () => {
    const { console, key } = await inspect(url);
    const statusOf = (socket: WebSocket) =>
      new Promise((resolve) => {
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.on('open', () => resolve(101));
        socket.on('error', () => {});
      });
    expect(await statusOf(await look(console, 'not-the-key-at-all-really-not'))).toBe(401);
    expect(await statusOf(await look(console, key, `evil.example:${new URL(console).port}`))).toBe(401);
    expect((await fetch(`${console}/console/inspector`)).status).toBe(200);
    expect(await statusOf(await look(console, key))).toBe(101);
  });
});

test.each<[what: string, args: () => string[], line: RegExp]>([
  ['no URL', () => [], /missing required argument 'url'/],
  ['a URL without a scheme', () => ['localhost:3000'], /is not the URL of a server: it must begin with ws:\/\/, wss:/],
  ['a URL with a password', () => ['ws://me:secret@localhost:1'], /must be without user and password/],
  ['a target that is not there', () => ['ws://127.0.0.1:1'], /ws:\/\/127.0.0.1:1 cannot be reached: nobody listens/],
  ['a certificate that nobody trusts', () => [secureUrl], /its certificate is not trusted: .* \(--ca, --insecure\)/],
  ['a file that is there', () => [url, '--record', file('cert.pem'), '--listen', '0'], /it is there already/],
  [
    'a file where none can be',
    () => [url, '--record', file('none/a.jsonl'), '--listen', '0'],
    /there is no such directory/,
  ],
  ['a server without TLS', () => [url.replace('ws:', 'wss:')], /cannot be reached: it does not speak TLS there/],
  [
    'a port in use',
    () => [url, '--listen', new URL(url).port],
    /Nothing can listen on 127.0.0.1, .* in use \(--listen\)/,
  ],
  ['an address that is none', () => [url, '--listen', 'localhost'], /This is a port, such as 8400/],
  [
    'an origin that is none',
    () => [url, '--origin', 'me'],
    /This is an origin, such as https:\/\/example.com, or keep/,
  ],
  ['a key without a certificate', () => [url, '--key', file('key.pem')], /--key needs --cert/],
])('a mistake is one line and exit code 2: %s', async (_what, args, line) => {
  const { code, stdout, stderr } = await run(['inspect', ...args()]);
  expect(stderr).toMatch(/^tidewire: [^\n]+\n$/);
  expect(stderr).toMatch(line);
  expect(stderr).not.toContain('secret');
  expect(stdout).toBe('');
  expect(code).toBe(2);
});
