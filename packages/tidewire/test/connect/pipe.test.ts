import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Handlers, type Socket, WebSocketEndpoint } from '@tidewire/server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Cli, run } from '../support.ts';

/** Listens on a free port until the end of the test. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A WebSocket server of these handlers; an echo, if nothing else is said. */
async function serverOf(handlers: Handlers<undefined> & { subprotocols?: string[] } = {}): Promise<string> {
  const echo: Handlers<undefined> = { message: (socket, message) => void socket.send(message) };
  const endpoint = new WebSocketEndpoint<undefined>({ ...echo, ...handlers });
  const server = createServer();
  endpoint.attach(server);
  const port = await listen(server);
  onTestFinished(() => endpoint.close());
  return `ws://127.0.0.1:${port}/`;
}

function sendOften(socket: Socket, message: string): void {
  const timer = setInterval(() => socket.send(message), 2);
  socket.closed.then(() => clearInterval(timer));
}

describe('connect with a pipe', () => {
  test('sends each line, writes each answer as a line, and closes when it has been silent', async () => {
    const ends: number[] = [];
    const url = await serverOf({ close: (_socket, code) => void ends.push(code) });
    const { code, stdout, stderr } = await run(['connect', url, '--wait', '200ms'], 'one\n\n/ping\nGrüße\nlast');
    expect(stdout).toBe('one\n\n/ping\nGrüße\nlast\n');
    expect(stderr).toBe(`Connected to ${url}\nClosed with 1000 (normal closure)\n`);
    expect(code).toBe(0);
    expect(ends).toEqual([1000]);
  });

  test('does not show the password of the URL', async () => {
    const url = await serverOf();
    const { code, stderr } = await run(['connect', url.replace('//', '//me:secret@'), '--count', '1', '-v'], 'one\n');
    expect(stderr).toMatch(new RegExp(`^Connected to ${url}\n`));
    expect(stderr).not.toContain('secret');
    expect(code).toBe(0);
  });

  test('with --count closes as soon as so many messages have come, and takes no more', async () => {
    const url = await serverOf({
      open: (socket) => {
        for (let count = 0; count < 5; count++) socket.send(`tick ${count}`);
      },
    });
    const cli = new Cli(['connect', url, '--count', '2', '--quiet']);
    expect(await cli.finished).toEqual({ code: 0, stdout: 'tick 0\ntick 1\n', stderr: '' });
  });

  test('ends with 1 if --count was not reached', async () => {
    const url = await serverOf({ message: (socket) => socket.close(1000, 'enough') });
    const { code, stderr } = await run(['connect', url, '--count', '2'], 'x\n');
    expect(stderr).toContain('Closed with 1000 (normal closure): enough\ntidewire: Only 0 of 2 messages came\n');
    expect(code).toBe(1);
    const silent = await serverOf({ message: () => {} });
    const waited = await run(['connect', silent, '--count', '1', '--wait', '100ms', '-q'], 'x\n');
    expect(waited).toEqual({ code: 1, stdout: '', stderr: 'tidewire: Only 0 of 1 messages came\n' });
  });

  test('with --wait forever goes on until the server closes', async () => {
    const url = await serverOf({
      message: (socket) => {
        setTimeout(() => socket.send('late'), 50);
        setTimeout(() => socket.close(4000, 'over'), 100);
      },
    });
    const { code, stdout, stderr } = await run(['connect', url, '--wait', 'forever'], 'x\n');
    expect(stdout).toBe('late\n');
    expect(stderr).toContain("Closed with 4000 (the application's own): over\n");
    expect(code).toBe(0);
  });

  test('says so if the server closes before the end of the input', async () => {
    const url = await serverOf({ message: (socket) => socket.close(1000) });
    const cli = new Cli(['connect', url]);
    cli.process.stdin.on('error', () => {}).write('x\n');
    const { code, stderr } = await cli.finished;
    expect(stderr).toContain('tidewire: The server closed before all of the input was sent\n');
    expect(code).toBe(1);
  });

  test('writes binary messages in hexadecimal, and sends them as commands if told to', async () => {
    const url = await serverOf();
    const folder = mkdtempSync(join(tmpdir(), 'tidewire-pipe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'data'), Uint8Array.of(0, 1, 254));
    const input = `/binary 00ff\n/file ${join(folder, 'data')}\n//x\n/file ${folder}\n/what\n/ping abc\n`;
    const { code, stdout, stderr } = await run(['connect', url, '--commands', '--wait', '200ms'], input);
    expect(stdout).toBe('00ff\n0001fe\n/x\n');
    expect(stderr).toContain(`tidewire: ${folder} cannot be read: it is a directory\n`);
    expect(stderr).toContain('tidewire: /what is not a command');
    expect(stderr).toMatch(/^Pong abc after /m);
    expect(code).toBe(0);
    const closing = await run(['connect', url, '--commands'], '/close 3001 bye\nand more\n');
    expect(closing).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining("3001 (a library's own)") });
  });

  test('shows hex dumps and times if asked to', async () => {
    const url = await serverOf();
    const { stdout } = await run(['connect', url, '--hex', '--timestamps', '--count', '1'], 'abc\n');
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z 00000000 {2}61 62 63 +abc\n$/);
  });

  test('takes in 100,000 lines, and gets them all back', async () => {
    const url = await serverOf();
    const input = Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join('');
    const { code, stdout } = await run(['connect', url, '--count', '100000', '-q'], input);
    expect(stdout === input).toBe(true);
    expect(code).toBe(0);
  });

  test('sends the headers, the Origin and the subprotocols, and shows what was answered', async () => {
    const seen: unknown[] = [];
    const endpoint = new WebSocketEndpoint<undefined>({
      origin: ['https://example.com'],
      upgrade: ({ headers, subprotocols }) => {
        seen.push(headers.all('X-Token'), subprotocols);
        return { data: undefined, subprotocol: 'two', headers: [['X-Answer', 'yes']] };
      },
      deflate: true,
    });
    const server = createServer();
    endpoint.attach(server);
    const url = `ws://127.0.0.1:${await listen(server)}/`;
    const flags = ['-H', 'X-Token: a: b', '-H', 'X-Token:c', '-s', 'one', '-s', 'two', '-o', 'https://example.com'];
    const { code, stderr } = await run(['connect', url, '-v', '--deflate', '--wait', '10ms', ...flags]);
    expect(seen).toEqual([
      ['a: b', 'c'],
      ['one', 'two'],
    ]);
    expect(stderr).toContain(`Connected to ${url}, subprotocol two, extensions permessage-deflate`);
    expect(stderr).toContain('< HTTP/1.1 101\n');
    expect(stderr).toContain('< X-Answer: yes\n');
    expect(code).toBe(0);
  });

  test('pings, and says how long the pong took', async () => {
    const cli = new Cli(['connect', await serverOf(), '--ping', '20ms', '--wait', '200ms']);
    cli.process.stdin.end();
    expect((await cli.finished).stderr).toMatch(/^Pong 1 after \d+\.\d ms$/m);
  });

  test('closes at SIGINT', async () => {
    const codes: number[] = [];
    const url = await serverOf({
      open: (socket) => void socket.send('ready'),
      close: (_socket, code) => void codes.push(code),
    });
    const cli = new Cli(['connect', url]);
    await cli.shows(/ready/);
    cli.process.kill('SIGINT');
    expect((await cli.finished).code).toBe(130);
    expect(codes).toEqual([1000]);
  });

  test('does not hold more than 64 MiB for a slow reader of its output', async () => {
    const message = 'x'.repeat(1024 * 1024);
    const url = await serverOf({ open: (socket) => sendOften(socket, message) });
    const cli = new Cli(['connect', url, '--wait', 'forever', '-q']);
    await cli.shows(/x/);
    cli.process.stdout.pause();
    await new Promise((resolve) => cli.process.stderr.once('data', resolve));
    cli.process.stdout.resume();
    const { code, stderr } = await cli.finished;
    expect(stderr).toBe('tidewire: Whoever reads the output is too slow: more than 64.0 MiB wait for it\n');
    expect(code).toBe(1);
  });

  test('ends when nobody reads its output any more', async () => {
    const url = await serverOf({ open: (socket) => sendOften(socket, 'tick') });
    const cli = new Cli(['connect', url, '--wait', 'forever']);
    await cli.shows(/tick/);
    cli.process.stdout.destroy();
    await new Promise((resolve) => cli.process.once('exit', resolve));
    expect(cli.stderr).not.toMatch(/EPIPE|at /);
  });
});

describe('a connection that fails is one line on stderr and exit code 1:', () => {
  const failing = async (server: Server, scheme = 'ws') => `${scheme}://127.0.0.1:${await listen(server)}/`;
  const refusing = (status: number, body: string) =>
    createServer().on('upgrade', (_request, socket) => {
      socket.end(`HTTP/1.1 ${status} Whatever\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
  const closed = async () => {
    const server = createTcpServer();
    const url = await failing(server);
    await new Promise((resolve) => server.close(resolve));
    return url;
  };

  test.each<[what: string, url: () => Promise<string>, line: RegExp]>([
    ['nobody listens', closed, /: nobody listens there\n/],
    [
      'no such host',
      async () => 'ws://tidewire.invalid/',
      /: (?:there is no such host|the name could not be resolved)/,
    ],
    [
      'a refusal',
      () => failing(refusing(401, 'Who are you?\x1b[2J')),
      /refused with 401 Unauthorized: Who are you\?\\x1b/,
    ],
    ['a page', () => failing(refusing(404, '<!doctype html>')), /refused with 404 Not Found\n/],
    ['a redirect', () => failing(refusing(302, '')), /refused with 302 Found\n/],
    ['no answer', () => failing(createTcpServer(() => {})), /there was no answer in time \(--timeout\)\n/],
    [
      'no HTTP',
      () => failing(createTcpServer((socket) => void socket.end('220 smtp\r\n'))),
      /did not answer .* in HTTP/,
    ],
    [
      'no TLS',
      () =>
        failing(
          createTcpServer((socket) => void socket.end('hello')),
          'wss',
        ),
      /: TLS: the server does not speak TLS there \(ws:\/\/\?\)\n/,
    ],
  ])('%s', async (_what, url, line) => {
    const { code, stdout, stderr } = await run(['connect', await url(), '--timeout', '500ms']);
    expect(stderr).toMatch(/^tidewire: Could not connect to wss?:[^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('a proxy that is not there', async () => {
    const proxy = new URL(await closed());
    const cli = new Cli(['connect', 'ws://host.invalid/'], undefined, undefined, {
      http_proxy: `http://me:secret@${proxy.host}`,
    });
    expect(await cli.finished).toEqual({
      code: 1,
      stdout: '',
      stderr: 'tidewire: Could not connect to ws://host.invalid/: no connection to the proxy: nobody listens there\n',
    });
  });

  test('a URL with a password, which is not shown', async () => {
    const { host } = new URL(await closed());
    const { stderr } = await run(['connect', `ws://me:secret@${host}/a@b`]);
    expect(stderr).toBe(`tidewire: Could not connect to ws://${host}/a@b: nobody listens there\n`);
  });

  test('a connection that is lost', async () => {
    const url = await serverOf({ message: (socket) => socket.terminate() });
    const { code, stderr } = await run(['connect', url], 'x\n');
    expect(stderr).toContain('tidewire: The connection failed: The connection ended without a closing handshake\n');
    expect(code).toBe(1);
  });

  test('a message that is too large', async () => {
    const url = await serverOf({ open: (socket) => void socket.send('x'.repeat(2000)) });
    const { code, stderr } = await run(['connect', url, '--max-message', '1KiB', '--wait', 'forever']);
    expect(stderr).toMatch(/^tidewire: The connection failed: .*message/im);
    expect(code).toBe(1);
  });
});
