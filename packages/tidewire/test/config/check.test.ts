import { describe, expect, test } from 'vitest';
import { run } from '../support.ts';
import { check, runWith, write } from './support.ts';

describe('what is wrong with a file is said in a line: where, which key, what, and what would be right:', () => {
  test.each<[what: string, content: string | Uint8Array, line: unknown]>([
    ['an unknown key', 'listen:\n  hots: x\n', '2:3: listen.hots: there is no such key. Did you mean host?'],
    ['a key of one letter', 'x: 1', '1:1: x: there is no such key'],
    ['a key in the wrong place', 'port: 1\n', '1:1: port: there is no such key. Did you mean listen.port?'],
    [
      'a key in another spelling',
      'max_connections: 1',
      '1:1: max_connections: there is no such key. Did you mean maxConnections?',
    ],
    ['a key like no other', 'log: { colour: red }', '1:8: log.colour: there is no such key. There are level.'],
    [
      'a port that is none',
      'listen:\n  port: http',
      '2:9: listen.port: must be a whole number from 0 to 65535, not "http"',
    ],
    [
      'a port that is too high',
      'listen: { port: 65536 }',
      '1:17: listen.port: must be a whole number from 0 to 65535, not 65536',
    ],
    ['no host', 'listen: { host: "" }', '1:17: listen.host: must not be empty'],
    [
      'a word that is near',
      'engine: { type: nat }',
      '1:17: engine.type: must be memory, disk, nats or redis, not "nat". Did you mean nats?',
    ],
    [
      'a time without a unit that is known',
      'drain: { window: 3 weeks }',
      '1:18: drain.window: must be a time such as 500ms, 30s, 2m, 1h or 30d, not "3 weeks"',
    ],
    [
      'a time that is too long',
      'heartbeat: 60d',
      '1:12: heartbeat: must be a time such as 500ms, 30s, 2m, 1h or 30d, or none, not "60d"',
    ],
    [
      'a size of nothing',
      'echo: { maxMessage: 0 }',
      '1:21: echo.maxMessage: must be a size such as 65536, 64KiB or 16MiB, not 0',
    ],
    ['a flag that is text', 'deflate: yes', '1:10: deflate: must be true or false, not "yes"'],
    ['a list that is none', 'origins: https://a.example', '1:10: origins: must be a list, not text'],
    [
      'an origin that is a URL',
      'origins: [https://a.example/x]',
      '1:11: origins[0]: must be an origin: a scheme, a host and perhaps a port, such as https://example.com, not "https://a.example/x"',
    ],
    ['a section that is a number', 'limits: 5', '1:9: limits: must be keys with values, not a number'],
    [
      'half of a certificate',
      'listen: { tls: { cert: a.pem } }',
      '1:11: listen.tls.key: is missing: it must be the path of a file',
    ],
    [
      'a heartbeat that is too slow',
      'heartbeat: 5m',
      '1:1: idleTimeout: has to be longer than heartbeat, or one of them none',
    ],
    [
      'an idle timeout that is too short',
      'idleTimeout: 3s',
      '1:14: idleTimeout: has to be longer than heartbeat, or one of them none',
    ],
    [
      'an inspector without a key',
      'inspector: { enabled: true }',
      '1:23: inspector.enabled: is of no use without a key in api.keys to log in with',
    ],
    [
      'an inspector without pages',
      'inspector: { enabled: true }\nconsole: { enabled: false }',
      '1:23: inspector.enabled: is of no use without console.enabled',
    ],
    [
      'half of a history',
      'namespaces: { chat: { history: { size: 1 } } }',
      '1:23: namespaces.chat.history.ttl: is missing: it must be a time such as 500ms, 30s, 2m, 1h or 30d',
    ],
    [
      'a presence that is neither',
      'namespaces: { chat: { presence: maybe } }',
      '1:33: namespaces.chat.presence: must be true, false, or grace and events, not text',
    ],
    [
      'something in a presence',
      'namespaces: { chat: { presence: { grace: soon } } }',
      '1:42: namespaces.chat.presence.grace: must be a time such as 500ms, 30s, 2m, 1h or 30d, not "soon"',
    ],
    [
      'who may not subscribe',
      'namespaces: { chat: { subscribe: subscribers } }',
      '1:34: namespaces.chat.subscribe: cannot be subscribers here',
    ],
    [
      'a namespace with a colon',
      'namespaces: { "a:b": {} }',
      '1:15: namespaces.a:b: a namespace is named by letters, digits, - and _, 64 at most, and begins with a letter or a digit',
    ],
    [
      'an authority where no TLS is spoken',
      'engine: { type: redis, redis: { ca: /dev/null } }',
      '1:37: engine.redis.ca: is for TLS: the url has to begin with rediss://',
    ],
    [
      'a URL of something else',
      'engine: { redis: { url: http://a } }',
      '1:25: engine.redis.url: must be a URL that begins with redis:// or rediss://, not text',
    ],
    [
      'a secret that could be guessed',
      'tokens: { secrets: [short] }',
      '1:21: tokens.secrets[0]: has less than 32 bytes',
    ],
    [
      'tokens without a key',
      'tokens: { issuer: a }',
      '1:9: tokens: has no key: it must have secrets, secretFiles, publicKeyFiles, jwks or jwksFile',
    ],
    [
      'a file that is not there',
      'tokens: { secretFiles: [/nowhere/x] }',
      '1:25: tokens.secretFiles[0]: /nowhere/x cannot be read: there is no such file',
    ],
    [
      'a file that is no certificate',
      'listen: { tls: { cert: /dev/null, key: /dev/null } }',
      '1:24: listen.tls.cert: /dev/null has no valid certificate: it must be PEM',
    ],
    [
      'a user without a password',
      'engine: { type: nats, nats: { user: me } }',
      '1:37: engine.nats.user: user and password belong together',
    ],
    [
      'an operation that is none',
      'api: { keys: [{ name: a, key: sixteen-characters, operations: [publsh] }] }',
      expect.stringMatching(/^1:64: api.keys.0..operations.0.: must be publish, .* Did you mean publish\?$/),
    ],
    [
      'a key that is too short',
      'api: { keys: [{ name: a, key: short }] }',
      '1:31: api.keys[0].key: must be 16 or more characters: printable ASCII without spaces',
    ],
    [
      'a question without a place',
      'namespaces: { a: { publish: ask } }',
      '1:29: namespaces.a.publish: cannot be ask without webhooks.urls.publish',
    ],
    [
      'webhooks without a secret',
      'webhooks: { urls: { connect: "https://a.example/" } }',
      '1:11: webhooks: has no secret: it must have secrets or secretFiles',
    ],
    ['a list at the top', '- listen', '1:1: must be keys with values, such as listen: { port: 8080 }'],
    ['the same key twice', 'deflate: true\ndeflate: false', '2:1: the key is there twice'],
    ['several documents', 'deflate: true\n---\ndeflate: false', '2:1: there must be one document in a file'],
    ['tabs', 'listen:\n\tport: 1', '2:1: is neither YAML nor JSON: Tabs are not allowed as indentation'],
    [
      'JSON that is not closed',
      '{ "listen": {',
      '1:14: is neither YAML nor JSON: Flow map in block collection must be sufficiently indented and end with a }',
    ],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0), ' is not text in UTF-8'],
  ])('%s', (_what, content, line) => {
    const { lines } = check(content);
    expect(lines.map((each) => each.replace(/ \(ERR_\w+\)$/, ''))).toEqual([line]);
  });
});

test('all problems are said at once, in their order', () => {
  const { lines } = check('deflate: 1\nlisten: { port: x, host: 5 }\nnonsense: 1\nlimits: { queueSize: big }\n');
  expect(lines.map((line) => line.split(': ').slice(0, 2).join(' '))).toEqual([
    '1:10 deflate',
    '2:17 listen.port',
    '2:26 listen.host',
    '3:1 nonsense',
    '4:22 limits.queueSize',
  ]);
});

test('aliases that stand for more than any file has end in a line, not in the memory', () => {
  const bomb = ['a0: &a0 [1, 1]', ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)];
  const { lines } = check(bomb.join('\n'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/alias/);
});

test('a file that cannot be read is a line', async () => {
  for (const [file, why] of [
    ['/nowhere/a.yaml', 'there is no such file'],
    ['/tmp', 'it is a directory'],
  ] as const) {
    const { code, stderr } = await run(['config', 'check', file]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `tidewire: ${file}: cannot be read: ${why}\n` });
  }
});

test('serve says the same of a file as check, and does not start', async () => {
  const file = write('listen: { port: 0 }\ndeflate: 7\n');
  const { code, stdout, stderr } = await runWith({}, 'serve', '--config', file);
  expect(stderr).toBe(`tidewire: ${file}:2:10: deflate: must be true or false, not 7\n`);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

describe('a file that is right', () => {
  test('is said to be, with what would be served', () => {
    const { isRight, stdout } = check(
      [
        'listen: { host: "::1", port: 9000 }',
        'engine: { type: redis, redis: { url: "redis://me:hidden@db.example:6379/2?x=hidden" } }',
        'namespaces: { "": {}, chat: { history: { size: 10, ttl: 1h } } }',
        'tokens: { secrets: [hidden-hidden-hidden-hidden-hidden] }',
        'api: { keys: [{ name: backend, key: hidden-hidden-hidden }] }',
      ].join('\n'),
    );
    expect(stdout).toContain('FILE is right.');
    expect(stdout).toMatch(/listen +http:\/\/\[::1\]:9000\n/);
    expect(stdout).toMatch(/engine +redis, at redis:\/\/db.example:6379\/2\n/);
    expect(stdout).toMatch(/namespaces +channels without one, chat, try\n/);
    expect(stdout).toMatch(/clients +with a token\n/);
    expect(stdout).toMatch(/API +for backend\n/);
    expect(stdout).not.toContain('hidden');
    expect(isRight).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['comments', '# nothing\n'],
    ['sections whose keys are all comments', 'tokens:\n  # secrets: []\nlisten:\n'],
    ['JSON', '{ "listen": { "port": 9000 }, "origins": ["https://a.example"] }'],
    ['anchors', 'namespaces:\n  a: &a { publish: users }\n  b: *a\n'],
  ])('may be %s', (_what, content) => {
    expect(check(content)).toMatchObject({ isRight: true, lines: [] });
  });
});

test('no secret is shown in what is wrong with it', () => {
  const secret = 'hunter2';
  const { lines } = check(
    [
      `tokens: { secrets: ${secret}, audience: 7, secretFiles: { a: ${secret} } }`,
      `api: { keys: [{ name: a, key: [${secret}] }, { name: b, key: ${secret} }, ${secret}] }`,
      `engine: { type: redis, redis: { url: "http://me:${secret}@a/", password: { a: ${secret} } } }`,
      `metrics: ${secret}`,
    ].join('\n'),
    { TIDEWIRE_ENGINE__NATS__PASSWORD: '', TIDEWIRE_TOKENS: `{ secrets: ${secret}`, TIDEWIRE_SECRET: secret },
  );
  expect(lines.length).toBeGreaterThan(6);
  expect(lines.join('\n')).not.toContain(secret);
});
