import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidewire-usage-'));
const file = (name: string) => join(folder, name);
const taken = createServer();
let takenPort = 0;

beforeAll(async () => {
  const attributes = [{ name: 'commonName', value: 'localhost' }];
  const [one, other] = await Promise.all([generate(attributes), generate(attributes)]);
  writeFileSync(file('cert.pem'), one.cert);
  writeFileSync(file('key.pem'), one.private);
  writeFileSync(file('other-key.pem'), other.private);
  writeFileSync(file('cert.der'), new X509Certificate(one.cert).raw);
  writeFileSync(file('broken.pem'), one.cert.replace(/\nMII/, '\nAAA'));
  writeFileSync(file('text.pem'), 'not a certificate');
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  if (typeof address === 'object' && address !== null) takenPort = address.port;
});

afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});

describe('a mistake in the command line is one line on stderr and exit code 2:', () => {
  const tls = (cert: string, key: string) => ['serve', '--port', '0', '--cert', file(cert), '--key', file(key)];
  const connectWithCa = (name: string) => ['connect', 'wss://localhost', '--ca', file(name)];
  test.each<[what: string, args: () => string[], line: RegExp]>([
    ['an unknown flag', () => ['serve', '--prot', '1'], /unknown option '--prot' \(Did you mean --port\?\)/],
    ['an unknown command', () => ['server'], /unknown command 'server' \(Did you mean serve\?\)/],
    ['too many arguments', () => ['serve', 'here'], /too many arguments for 'serve'/],
    ['a value left out', () => ['serve', '--port'], /option '-p, --port <port>' argument missing/],
    ['no host', () => ['serve', '--port', '0', '--host', ''], /An address must not be empty/],
    ['a port that is no number', () => ['serve', '--port', 'http'], /A port is a number from 0 to 65535/],
    ['a port that is too high', () => ['serve', '--port', '65536'], /A port is a number from 0 to 65535/],
    ['a size with an unknown unit', () => ['echo', '--max-message', '1MB'], /such as 65536, 64KiB or 16MiB/],
    ['a size of nothing', () => ['echo', '--max-message', '0'], /such as 65536, 64KiB or 16MiB/],
    ['a time of nothing', () => ['echo', '--heartbeat', '0s'], /such as 500ms, 30s, 2m or 1h/],
    ['a count of nothing', () => ['serve', '--max-connections', '0'], /a whole number from 1 on/],
    ['an origin that is a URL', () => ['serve', '--origin', 'https://a.example/x'], /such as https:\/\/example.com/],
    ['an unknown log level', () => ['serve', '--log-level', 'loud'], /trace, debug, info, warn, error, fatal, silent/],
    [
      'an idle timeout below the heartbeat',
      () => ['serve', '--idle-timeout', '10s'],
      /--idle-timeout has to be longer than heartbeat/,
    ],
    ['a port in use', () => ['serve', '--port', String(takenPort)], /is in use: choose another with --port/],
    ['the echo on a port in use', () => ['echo', '--port', String(takenPort)], /is in use: choose another with --port/],
    ['an address of another machine', () => ['serve', '--port', '0', '--host', '192.0.2.1'], /not one of this machine/],
    ['an engine that is none', () => ['serve', '--engine', 'kafka'], /memory, disk, nats, redis/],
    [
      'a directory for an engine that keeps nothing there',
      () => ['serve', '--engine', 'memory', '--data', folder],
      /--data is for --engine disk: memory keeps nothing there/,
    ],
    ['a configuration without a name', () => ['serve', '-c', ''], /The name of the configuration must not be empty/],
    [
      'a configuration that never ends',
      () => ['serve', '-c', '/dev/zero'],
      /\/dev\/zero: is larger than 4194304 bytes/,
    ],
    ['an authority that never ends', () => ['connect', 'wss://localhost', '--ca', '/dev/zero'], /is larger than/],
    [
      'a configuration that is not there',
      () => ['serve', '-c', file('none')],
      /none: cannot be read: there is no such/,
    ],
    ['a configuration that is none', () => ['serve', '-c', file('text.pem')], /text.pem:1:1: must be keys with values/],
    ['a certificate without its key', () => ['serve', '--cert', file('cert.pem')], /--cert needs --key/],
    ['a key without its certificate', () => ['serve', '--key', file('key.pem')], /--key needs --cert/],
    ['a missing certificate', () => tls('none.pem', 'key.pem'), /--cert .*none.pem cannot be read: .*no such file/],
    ['a missing key', () => tls('cert.pem', 'none.pem'), /--key .*none.pem cannot be read: there is no such file/],
    ['a certificate that is none', () => tls('text.pem', 'key.pem'), /--cert .*text.pem has no valid certificate/],
    ['a key that is none', () => tls('cert.pem', 'text.pem'), /--key .*text.pem has no valid key/],
    ['a key of another certificate', () => tls('cert.pem', 'other-key.pem'), /do not belong together/],
    ['no URL', () => ['connect'], /missing required argument 'url'/],
    ['a URL without a scheme', () => ['connect', 'localhost:8080/echo'], /must begin with ws:\/\/ or wss:\/\//],
    ['a URL of another scheme', () => ['connect', 'ftp://localhost'], /is not the URL of a WebSocket/],
    ['a URL with a fragment', () => ['connect', 'ws://localhost/#here'], /has a fragment/],
    ['a header without a colon', () => ['connect', 'ws://localhost', '-H', 'Cookie'], /is written 'name: value'/],
    [
      'a header that injects another',
      () => ['connect', 'ws://localhost', '-H', 'A: b\r\nC: d'],
      /header A has charact/,
    ],
    ['a header of the handshake', () => ['connect', 'ws://localhost', '-H', 'Upgrade: x'], /set by the handshake/],
    ['a subprotocol that is no token', () => ['connect', 'ws://localhost', '-s', 'a b'], /must be a token/],
    ['a missing authority', () => ['connect', 'wss://localhost', '--ca', file('none')], /--ca .*none cannot be read/],
    ['an authority that is none', () => connectWithCa('text.pem'), /--ca .*text.pem has no valid certificate/],
    [
      'an authority in DER',
      () => connectWithCa('cert.der'),
      /--ca .*cert.der has no valid certificate: it must be PEM/,
    ],
    ['a broken authority', () => connectWithCa('broken.pem'), /--ca .*broken.pem has no valid certificate/],
    ['a URL with a password', () => ['connect', 'ftp://me:secret@a.test/'], /: ftp:\/\/a.test\/ is not the URL/],
    ['a URL for a command', () => ['ws://me:secret@a.test/'], /unknown command 'ws:\/\/a.test\/'/],
    ['a password without a scheme', () => ['connect', 'me:secret@a.test'], /: a.test is not the URL/],
    ['a password with a slash', () => ['connect', 'ws://me:a/secret@a.test'], /: ws:\/\/a.test is not the URL/],
    ['a password and a fragment', () => ['connect', 'ws://me:secret@a.test/#b'], /: ws:\/\/a.test\/#b has a fragment/],
    ['a wait that is no time', () => ['connect', 'ws://localhost', '--wait', 'long'], /or it is forever/],
  ])('%s', async (_what, args, line) => {
    const { code, stdout, stderr } = await run(args());
    expect(stderr).toMatch(/^tidewire: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain('secret');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

test.each<[what: string, args: () => string[], line: RegExp]>([
  ['a directory that is a file', () => ['--data', file('cert.pem')], /cert.pem is, or is in, a file, and must be a d/],
  [
    'a directory in a file',
    () => ['--data', file('cert.pem/a/b')],
    /a\/b is, or is in, a file, and must be a directory/,
  ],
  ['a directory where none can be', () => ['--data', '/proc/none/a'], /No directory can be made at \/proc\/none\/a/],
])('an engine that does not start is one line on stderr and exit code 1: %s', async (_what, args, line) => {
  const { code, stdout, stderr } = await run(['serve', '--port', '0', ...args()]);
  expect(stderr).toMatch(/^tidewire: The engine \(disk, in \S+\) does not start: [^\n]+\n$/);
  expect(stderr).toMatch(line);
  expect(stdout).toBe('');
  expect(code).toBe(1);
});

describe('help', () => {
  test.each([['serve'], ['echo'], ['connect'], ['replay'], ['config']])(
    'of %s is the same by the word and by the flag',
    async (name) => {
      const [byWord, byFlag] = await Promise.all([run(['help', name]), run([name, '--help'])]);
      expect(byWord).toEqual({ code: 0, stdout: expect.stringContaining('Options:'), stderr: '' });
      expect(byWord).toEqual(byFlag);
    },
  );

  test('of no command is that of all, and of an unknown one a mistake', async () => {
    const [none, unknown] = await Promise.all([run(['help']), run(['help', 'none'])]);
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('serve [options]') });
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
  });

  test('says what there is, and each command has examples', async () => {
    const whole = await run(['--help']);
    const listed = whole.stdout.slice(whole.stdout.indexOf('Commands:'), whole.stdout.indexOf('Examples:'));
    const commands = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => ({ name }));
    expect(commands.length).toBeGreaterThan(5);
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    for (const { name } of commands) {
      expect(whole.stdout).toContain(`  ${name}`);
      const { code, stdout } = await run([name, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\n(?: {2}.*\n)*? {2}\\$ .*tidewire ${name}`));
    }
  });

  test('fits a terminal of 80 columns, but for examples, which are to be copied', async () => {
    for (const name of ['serve', 'connect', 'inspect', 'replay', 'bench', 'gateway', 'doctor']) {
      const { stdout } = await run([name, '--help']);
      const [text = ''] = stdout.split('Examples:');
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
    // Blocks stay as they are, and so does what stands between them.
    const { stdout } = await run(['connect', '--help']);
    expect(stdout).toContain('\n  /binary <hex>          sends bytes: /binary 00 ff 7f\n  /file <path> ');
  });

  test('is what a command line without a command gets, as a mistake', async () => {
    const { code, stdout, stderr } = await run([]);
    expect(stderr).toContain('Usage: tidewire');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('has the version beside it', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});
