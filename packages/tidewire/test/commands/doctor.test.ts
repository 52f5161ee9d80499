import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WebSocketEndpoint } from '@tidewire/server';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { examineMachine } from '../../src/doctor/machine/machine.ts';
import { Cli, run } from '../support.ts';

interface Found {
  readonly check: string;
  readonly grade: string;
  readonly what: string;
  readonly mend?: readonly string[] | undefined;
}

/** What the doctor says in JSON, by check. */
async function examine(...args: string[]): Promise<{ code: number | null; found: Map<string, Found> }> {
  const { code, stdout, stderr } = await run(['doctor', '--json', ...args]);
  expect(stderr).toBe('');
  const { sections } = JSON.parse(stdout) as { sections: { findings: Found[] }[] };
  return { code, found: new Map(sections.flatMap(({ findings }) => findings).map((each) => [each.check, each])) };
}

const grades = (found: Map<string, Found>) =>
  Object.fromEntries([...found.values()].map((each) => [each.check, each.grade]));

describe('the doctor at a machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-doctor-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A machine that says this of itself, in the files in which Linux does. */
  function machine(name: string, files: Readonly<Record<string, string>>): string {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${text}\n`);
    }
    return join(folder, name);
  }

  const found = (root: string, connections: number) =>
    new Map<string, Found>(examineMachine(connections, root).findings.map((each) => [each.check, each]));

  const narrow = machine('narrow', {
    'proc/self/limits': 'Max open files            1024                 4096                 files     ',
    'proc/sys/fs/nr_open': '1048576',
    'proc/sys/fs/file-max': '9000',
    'proc/sys/fs/file-nr': '1000\t0\t9000',
    'proc/sys/net/core/somaxconn': '128',
    'proc/sys/net/ipv4/tcp_max_syn_backlog': '128',
    'proc/sys/net/ipv4/tcp_syncookies': '0',
    'proc/sys/net/ipv4/ip_local_port_range': '32768\t33767',
    'proc/sys/net/ipv4/tcp_mem': '1000 2000 3000',
    'proc/sys/net/ipv4/tcp_keepalive_time': '7200',
    'proc/sys/net/netfilter/nf_conntrack_max': '12000',
    'proc/sys/net/netfilter/nf_conntrack_count': '1000',
    'sys/fs/cgroup/memory.max': '67108864',
  });

  test('says what is too little for the connections that are wanted, and what mends it', () => {
    expect(grades(found(narrow, 10_000))).toEqual({
      'open-files': 'problem',
      'open-files-system': 'problem',
      'accept-queue': 'warning',
      'syn-queue': 'warning',
      conntrack: 'warning',
      ports: 'warning',
      'tcp-memory': 'warning',
      memory: 'problem',
      'tcp-keepalive': 'note',
      cores: expect.any(String),
    });
    expect(found(narrow, 10_000).get('accept-queue')?.mend?.[0]).toBe('$ sysctl -w net.core.somaxconn=4096');
    expect(found(narrow, 10_000).get('open-files')?.mend).toContain('systemd, in [Service]: LimitNOFILE=10200');
  });

  test('finds nothing wrong with the same machine for few connections', () => {
    const few = found(narrow, 100);
    expect([...few.values()].filter(({ grade }) => grade === 'problem' || grade === 'warning')).toEqual([]);
  });

  test('judges each limit by the kernel above it, and says nothing of what the machine does not say', () => {
    const root = machine('odd', {
      'proc/self/limits': 'Max open files            unlimited            unlimited            files     ',
      'proc/sys/fs/nr_open': '1024',
      'proc/sys/net/core/somaxconn': 'what?',
      'sys/fs/cgroup/memory.max': 'max',
    });
    const odd = found(root, 2000);
    expect(odd.get('open-files')?.grade).toBe('ok');
    expect(odd.get('open-files-system')).toMatchObject({
      grade: 'problem',
      what: expect.stringContaining('fs.nr_open'),
    });
    expect(odd.get('conntrack')?.grade).toBe('ok');
    expect(odd.get('memory')?.grade).toBe('ok');
    expect(odd.has('accept-queue')).toBe(false);
  });

  test('says of the largest number that there is that there is no limit', () => {
    const root = machine('boundless', {
      'proc/sys/fs/file-max': '9223372036854775807',
      'proc/sys/fs/file-nr': '12\t0\t9223372036854775807',
    });
    expect(found(root, 100).get('open-files-system')).toMatchObject({
      grade: 'ok',
      what: 'The machine sets no limit to open files (fs.file-max), and has 12.',
    });
  });

  test.each([['--echo'], ['--idle=5s'], ['--ca=/none'], ['--max-message=1MiB']])('takes no %s', async (flag) => {
    const line = `tidewire: ${flag.split('=')[0]} is about the way to a server: its URL is missing\n`;
    expect(await run(['doctor', flag])).toEqual({ code: 2, stdout: '', stderr: line });
  });

  test('reads the limits of this one, and ends with 1 if they are too low', async () => {
    expect((await run(['doctor', '-n', '1'])).code).toBe(0);
    const { code, stdout } = await run(['doctor', '-n', '900000000000']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('✗ A process may have') });
    expect(stdout).toMatch(/\d+ problems, \d+ warnings?\.\n$/);
  });
});

describe('the doctor at a URL', () => {
  let service: Service;
  let url: string;
  beforeAll(async () => {
    service = await startService({ port: 0, deflate: true });
    url = service.urls.endpoints.echo ?? '';
  });
  afterAll(() => service.stop());

  test('finds a service of Tidewire well', async () => {
    const { code, found } = await examine(url, '--echo', '--max-message', '1MiB', '--idle', '500ms');
    expect(grades(found)).toEqual({
      reach: 'ok',
      tls: 'ok',
      upgrade: 'ok',
      compression: 'ok',
      close: 'ok',
      // The echo is for pages from anywhere.
      origin: 'warning',
      streaming: 'ok',
      echo: 'ok',
      'compressed-messages': 'ok',
      'largest-message': 'ok',
      idle: 'ok',
    });
    expect(code).toBe(0);
  });

  test('tells who may connect, and what ends a message that is too large', async () => {
    const small = await startService({ port: 0, maxMessage: 100_000 });
    onTestFinished(() => small.stop());
    const { found } = await examine(small.urls.endpoints.echo ?? '', '--echo', '--idle', 'none');
    expect(found.get('largest-message')).toMatchObject({
      grade: 'note',
      what: 'A message of 64 KiB comes back, and one of 256 KiB ends the connection with 1009.',
    });
    expect(found.has('idle')).toBe(false);
    const hub = await examine(service.urls.endpoints.hub ?? '', '--idle', 'none');
    expect(hub.found.get('origin')?.grade).toBe('ok');
    expect(hub.found.has('echo')).toBe(false);
  });

  test('finds after how much silence a connection is cut, and that pings prevent it', async () => {
    const quiet = await serve(new WebSocketEndpoint({ heartbeat: false, idleTimeout: 1000 }));
    const { code, found } = await examine(quiet, '--idle', '3s');
    expect(code).toBe(0);
    expect(found.get('idle')).toMatchObject({ grade: 'warning', what: expect.stringContaining('Pings keep it open.') });
  });

  test('says what an answer that is no upgrade mostly means', async () => {
    const refusing = createServer((_request, response) => response.writeHead(426, { Server: 'old proxy' }).end());
    const { code, found } = await examine(await listening(refusing), '--idle', 'none');
    expect(found.get('upgrade')).toMatchObject({ grade: 'problem', what: expect.stringContaining('426 of old proxy') });
    expect(found.get('upgrade')?.mend).toContain('  proxy_set_header Upgrade $http_upgrade;');
    expect(code).toBe(1);
  });

  test('stops being silent at Ctrl-C, and says what it has found', async () => {
    const cli = new Cli(['doctor', url, '--idle', '10m']);
    // One that is silent, and one that pings.
    await expect.poll(() => connectionsOfEcho(service), { timeout: 15_000 }).toBe(2);
    cli.process.kill('SIGINT');
    const { code, stdout } = await cli.finished;
    expect(stdout).toContain('when the probe was stopped');
    expect(code).toBe(0);
  });

  test.each([
    ['nobody who answers', ['ws://127.0.0.1:1/'], /127.0.0.1, port 1, cannot be reached: nobody listens there/],
    ['no URL', ['example.com'], /must begin with ws:\/\/ or wss:\/\//],
    ['no number', ['-n', 'many'], /a whole number from 1 on/],
    ['an authority that is not there', ['wss://localhost', '--ca', '/none'], /--ca \/none cannot be read/],
  ])('is one line and exit code 2 for %s', async (_what, args, line) => {
    const { code, stdout, stderr } = await run(['doctor', ...args]);
    expect(stderr).toMatch(/^tidewire: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

async function connectionsOfEcho({ urls }: Service): Promise<unknown> {
  const { connections } = await (await fetch(new URL('/health', urls.pages))).json();
  return connections.echo;
}

function serve(endpoint: WebSocketEndpoint<undefined>): Promise<string> {
  const server = createServer();
  endpoint.attach(server);
  return listening(server);
}

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}
