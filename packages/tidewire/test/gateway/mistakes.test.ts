import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/load.ts';
import { reference } from '../../src/config/reference.ts';
import { gatewayOutline } from '../../src/gateway/schema.ts';
import { loadGatewaySettings } from '../../src/gateway/settings.ts';
import { run } from '../support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidewire-gateway-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a mistake in the command line is one line on stderr and exit code 2:', () => {
  const map = ['--map', 'a=tcp://h:1'];
  test.each<[what: string, args: readonly string[], line: RegExp]>([
    ['no target', [], /needs a target: --map NAME=tcp:\/\/HOST:PORT, or --config FILE/],
    ['a target that is none', ['--map', 'stomp'], /NAME=URL, such as stomp=tcp/],
    ['a target of another scheme', ['--map', 'a=http://h'], /--map: targets.a.to: must be tcp:\/\/HOST:PORT/],
    ['a target twice', [...map, ...map], /two that are called a/],
    ['a certificate without its key', [...map, '--cert', 'x.pem'], /--cert needs --key/],
    [
      'authorities that are not there',
      [...map, '--ca', '/none'],
      /--ca: .*\/none cannot be read: there is no such file/,
    ],
    ['an address without a port', [...map, '--listen', 'localhost'], /It is PORT, HOST:PORT, or :PORT/],
    ['an address of another machine', [...map, '--listen', '192.0.2.1:0'], /not one of this machine \(--listen\)/],
    ['an unknown flag', [...map, '--lissten', ':1'], /Did you mean --listen/],
    ['a file that is not there', ['--config', '/none'], /\/none: cannot be read: there is no such file/],
  ])('%s', async (_what, args, line) => {
    const { code, stdout, stderr } = await run(['gateway', ...args]);
    expect(stderr).toMatch(/^tidewire: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

/** All that is wrong with a file, by line and column. */
function problems(text: string): readonly string[] {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, text);
  try {
    loadGatewaySettings(file, []);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines.map((line) => line.replace(`${file}:`, ''));
    throw error;
  }
  return [];
}

describe('a file', () => {
  test('has all that is wrong with its keys said, a line for each', () => {
    const text = `listen: { prot: 1 }
targets:
  stomp: { to: tcp://localhost:61613, path: ws, messages: txt, connectTimeout: soon }
  "bad name": { to: "tcp://a:1" }
  b: {}
trustedProxies: [10.0.0.0/64]
`;
    expect(problems(text)).toEqual([
      '1:11: listen.prot: there is no such key. Did you mean port?',
      '3:45: targets.stomp.path: must be a path that begins with a slash, not "ws"',
      '3:59: targets.stomp.messages: must be auto, text or binary, not "txt". Did you mean text?',
      expect.stringMatching(/^3:80: targets.stomp.connectTimeout: must be a time such as .*, not "soon"$/),
      '4:3: targets.bad name: must be a name of letters, digits, dots and dashes, such as stomp',
      '5:3: targets.b.to: is missing: it must be tcp://HOST:PORT, tls://HOST:PORT, xmpp://HOST:PORT or xmpps://HOST:PORT',
      '6:18: trustedProxies[0]: must be an address, or a network such as 10.0.0.0/8, not "10.0.0.0/64"',
    ]);
  });

  test('has what only its parts together say said as well, and no secret among it', () => {
    const text = `targets:
  stomp: { to: "tcp://localhost:61613", path: /ws }
  other: { to: "tls://localhost:61613", path: /ws, subprotocols: [v10.stomp], tls: { ca: ca.pem, cert: c.pem } }
keys: [{ name: app, key: short, targets: [stmp] }, { name: x }]
tokens: { secrets: [short] }
listen: { tls: { cert: /none, key: /none } }
`;
    writeFileSync(join(folder, 'ca.pem'), 'no certificate');
    writeFileSync(join(folder, 'c.pem'), 'no certificate');
    const lines = problems(text);
    expect(lines).toEqual([
      '3:10: targets.other: is v10.stomp at /ws, as stomp is: give one of them another path',
      '3:84: targets.other.tls: must have cert and key, or neither',
      expect.stringMatching(/^3:90: targets.other.tls.ca: ca.pem has no valid certificate/),
      '4:26: keys[0].key: must be 16 or more characters: printable ASCII without spaces',
      '4:43: keys[0].targets[0]: there is no target stmp. Did you mean stomp?',
      '4:52: keys[1]: has neither key nor keyFile',
      '5:21: tokens.secrets[0]: has less than 32 bytes',
      '6:24: listen.tls.cert: /none cannot be read: there is no such file',
      '6:36: listen.tls.key: /none cannot be read: there is no such file',
    ]);
  });

  test('that is right becomes what a gateway takes, and flags beat it', () => {
    const text = `targets:
  mqtt: { to: "tls://broker", path: /broker, idleTimeout: none, maxMessage: 1MiB, tls: { servername: b.test } }
`;
    expect(problems(text)).toEqual([expect.stringContaining('targets.mqtt.to: must be tcp://HOST:PORT')]);
    const file = join(folder, 'right.yaml');
    writeFileSync(file, text.replace('tls://broker', 'tls://[::1]:8883'));
    const flags = [{ path: ['targets', 'mqtt', 'proxyProtocol'], name: '--proxy-protocol', value: true }];
    expect(loadGatewaySettings(file, flags).gateway.targets).toMatchObject([
      {
        ...{ name: 'mqtt', type: 'stream', host: '::1', port: 8883, path: '/broker', proxyProtocol: true },
        ...{ idleTimeout: false, maxMessageSize: 1_048_576, connectTimeout: 5000, tls: { servername: 'b.test' } },
      },
    ]);
  });

  test('has its keys in the documentation, as the schema has them', async () => {
    const { readFileSync } = await import('node:fs');
    const page = readFileSync(new URL('../../../../docs/gateway.md', import.meta.url), 'utf8');
    expect(page).toContain(reference(gatewayOutline).replaceAll(/^### /gm, '#### ').trim());
  });
});
