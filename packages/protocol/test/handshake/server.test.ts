import { HeaderList, type OpeningRequest, type RefusalCode, readRequest, refusals } from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

type Headers = Record<string, string | string[] | undefined>;

const valid: Headers = {
  Host: 'example.com:8080',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

/** A valid request with some headers replaced, repeated, or (`undefined`) taken out. */
function request(changes: Headers = {}, line: { method?: string; httpVersion?: string; target?: string } = {}) {
  const fields: string[] = [];
  for (const [name, values] of Object.entries({ ...valid, ...changes })) {
    for (const value of values === undefined ? [] : [values].flat()) fields.push(name, value);
  }
  return { method: 'GET', httpVersion: '1.1', target: '/chat?room=1', ...line, headers: new HeaderList(fields) };
}

function opening(changes: Headers, line?: { httpVersion?: string; target?: string }): OpeningRequest {
  const result = readRequest(request(changes, line));
  if (!result.ok) throw new Error(result.refusal.code);
  return result.opening;
}

function refusalOf(given: ReturnType<typeof request>): RefusalCode | undefined {
  const result = readRequest(given);
  return result.ok ? undefined : result.refusal.code;
}

describe('a valid request', () => {
  test('is read', () => {
    const given = request();
    expect(readRequest(given)).toEqual({
      ok: true,
      opening: {
        version: 13,
        key: 'dGhlIHNhbXBsZSBub25jZQ==',
        host: 'example.com:8080',
        target: '/chat?room=1',
        origin: undefined,
        subprotocols: [],
        extensions: [],
        headers: given.headers,
      },
    });
  });

  test.each<[string, Headers]>([
    ['any case in Upgrade', { Upgrade: 'WebSocket' }],
    ['other protocols in Upgrade', { Upgrade: 'h2c, websocket' }],
    ['several Upgrade headers', { Upgrade: ['h2c', 'websocket'] }],
    ['other tokens in Connection, as Firefox sends', { Connection: 'keep-alive, Upgrade' }],
    ['several Connection headers', { Connection: ['keep-alive', 'upgrade'] }],
    ['spaces around values', { 'Sec-WebSocket-Version': ' 13\t', 'Sec-WebSocket-Key': ' dGhlIHNhbXBsZSBub25jZQ== ' }],
    ['a body of zero bytes', { 'Content-Length': '0' }],
    ['an address as host', { Host: '[2001:db8::1]:443' }],
    ['an IPv4 address as host', { Host: '127.0.0.1:' }],
    ['a host with escapes', { Host: 'ex%C3%A4mple_1.test' }],
  ])('may have %s', (_, changes) => {
    expect(refusalOf(request(changes))).toBeUndefined();
  });

  test.each(['1.1', '1.2', '2.0', '3.0'])('may be HTTP/%s', (httpVersion) => {
    expect(refusalOf(request({}, { httpVersion }))).toBeUndefined();
  });

  test.each(['/', '//x', 'http://example.com/chat', 'HTTPS://example.com/chat'])('may be for %s', (target) => {
    expect(opening({}, { target }).target).toBe(target);
  });

  test('names subprotocols in one header or several', () => {
    expect(opening({ 'Sec-WebSocket-Protocol': 'chat, superchat' }).subprotocols).toEqual(['chat', 'superchat']);
    expect(opening({ 'Sec-WebSocket-Protocol': ['b,a', 'A'] }).subprotocols).toEqual(['b', 'a', 'A']);
  });

  test('offers extensions in one header or several', () => {
    const extensions = [
      { name: 'foo', parameters: [{ name: 'a', value: '1' }] },
      { name: 'bar', parameters: [] },
    ];
    expect(opening({ 'Sec-WebSocket-Extensions': 'foo; a=1, bar' }).extensions).toEqual(extensions);
    expect(opening({ 'Sec-WebSocket-Extensions': ['foo; a="1"', 'bar'] }).extensions).toEqual(extensions);
  });
});

describe('the origin', () => {
  const old = { 'Sec-WebSocket-Version': '8' };

  test('is in Origin in version 13, and Sec-WebSocket-Origin means nothing there', () => {
    expect(opening({ Origin: 'https://example.com' }).origin).toBe('https://example.com');
    expect(opening({ 'Sec-WebSocket-Origin': 'https://example.com' }).origin).toBeUndefined();
  });

  test('is in Sec-WebSocket-Origin in version 8', () => {
    const read = opening({ ...old, 'Sec-WebSocket-Origin': 'http://example.com' });
    expect([read.version, read.origin]).toEqual([8, 'http://example.com']);
  });

  test('is taken from Origin in version 8 where a client sends that instead', () => {
    expect(opening({ ...old, Origin: 'http://example.com' }).origin).toBe('http://example.com');
  });

  test('is missing where no browser asks', () => {
    expect(opening(old).origin).toBeUndefined();
  });

  test.each<[string, Headers]>([
    ['two Origin headers', { Origin: ['https://a.example', 'https://b.example'] }],
    ['the same twice', { Origin: ['https://a.example', 'https://a.example'] }],
    ['two of version 8', { ...old, 'Sec-WebSocket-Origin': ['https://a.example', 'https://b.example'] }],
    [
      'one of either name in version 8',
      { ...old, 'Sec-WebSocket-Origin': 'https://a.example', Origin: 'https://b.example' },
    ],
  ])('is refused if there are %s', (_, changes) => {
    expect(refusalOf(request(changes))).toBe('ORIGIN');
  });
});

describe('a request is refused', () => {
  test.each(['POST', 'get', 'CONNECT', ''])('with the method %j', (method) => {
    expect(refusalOf(request({}, { method }))).toBe('METHOD');
  });

  test.each(['1.0', '0.9', '1', '2', '', '1.1\n', 'x'])('with the HTTP version %j', (httpVersion) => {
    expect(refusalOf(request({}, { httpVersion }))).toBe('HTTP_VERSION');
  });

  test.each(['*', '', 'chat', 'example.com:80', 'ftp://example.com/'])('with the target %j', (target) => {
    expect(refusalOf(request({}, { target }))).toBe('REQUEST_TARGET');
  });

  const list = (...values: string[]) => values;
  const size = 256 * 1024;
  test.each<[RefusalCode, string, (string | string[] | undefined)[]]>([
    [
      'HOST',
      'Host',
      [
        undefined,
        '',
        ' ',
        list('a', 'a'),
        list('a', 'b'),
        'a b',
        'a, b',
        'a/b',
        'a@b',
        'a:b',
        'a:1:2',
        ':80',
        '[::1',
        '::1',
      ],
    ],
    [
      'HOST',
      'Host',
      ['a%2', 'a%zz', 'ä.example', 'a\u0000', 'a:123456', `${'a'.repeat(size)}/`, `${'%'.repeat(size)}`],
    ],
    ['BODY', 'Content-Length', ['1', '5', '-1', '', 'x', '0x0', '0, 0', '1e9', '+0', list('0', '5'), list('0', '')]],
    ['BODY', 'Transfer-Encoding', ['chunked', 'identity', '', list('gzip', 'chunked')]],
    ['UPGRADE_REQUIRED', 'Upgrade', [undefined]],
    [
      'UPGRADE',
      'Upgrade',
      ['', 'h2c', 'websocke', 'websocket/13', 'web socket', 'webso\u212aet', 'webſocket', `${' '.repeat(size)}x`],
    ],
    ['CONNECTION', 'Connection', [undefined, '', 'keep-alive', 'close', 'Upgrade;', 'up grade']],
    [
      'VERSION',
      'Sec-WebSocket-Version',
      [undefined, '', '013', '13, 8', '8, 13', '7', '12', '14', '0', '99', '1e1', '+13', '13.0', '0x0d'],
    ],
    ['VERSION', 'Sec-WebSocket-Version', [list('13', '13'), list('13', '8'), list('8', '8'), '٨', '١٣']],
    [
      'KEY',
      'Sec-WebSocket-Key',
      [
        undefined,
        '',
        'AAAA',
        'dGhlIHNhbXBsZSBub25jZQ',
        list('dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='),
        'A'.repeat(size),
      ],
    ],
    [
      'SUBPROTOCOLS',
      'Sec-WebSocket-Protocol',
      ['', ' , ', list('', ''), 'a b', 'a, a', list('a', 'b, a'), 'a;b', 'a, "b"', 'a=b', `a${' '.repeat(size)}b`],
    ],
    [
      'EXTENSIONS',
      'Sec-WebSocket-Extensions',
      ['', ',', 'foo bar', 'foo; a="', 'foo; a=', list('foo', ';'), `b${' '.repeat(size)}x`],
    ],
  ])('%s: %s', (code, name, values) => {
    for (const value of values) expect([value, refusalOf(request({ [name]: value }))]).toEqual([value, code]);
  });

  test('with any byte beyond ASCII in a subprotocol', () => {
    for (let byte = 0x80; byte <= 0xff; byte += 1) {
      expect(refusalOf(request({ 'Sec-WebSocket-Protocol': `chat, a${String.fromCharCode(byte)}` }))).toBe(
        'SUBPROTOCOLS',
      );
    }
  });

  test('with a key whose last character is cut off, whatever else is right', () => {
    expect(refusalOf(request({ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ=' }))).toBe('KEY');
  });
});

describe('a refusal', () => {
  test('says which method there is', () => {
    expect(refusals.METHOD).toMatchObject({ status: 405, headers: [['Allow', 'GET']] });
  });

  test('of a version names those that are spoken', () => {
    const result = readRequest(request({ 'Sec-WebSocket-Version': '7' }));
    expect(result).toEqual({
      ok: false,
      refusal: {
        status: 426,
        code: 'VERSION',
        message: refusals.VERSION.message,
        headers: [
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
          ['Sec-WebSocket-Version', '13, 8'],
        ],
      },
    });
  });

  test('of a version comes before anything else of the WebSocket headers is looked at', () => {
    const changes = { 'Sec-WebSocket-Version': '99', 'Sec-WebSocket-Key': undefined, 'Sec-WebSocket-Extensions': ';' };
    expect(refusalOf(request(changes))).toBe('VERSION');
  });

  test('of a request that asks for no upgrade says what to upgrade to', () => {
    expect(refusals.UPGRADE_REQUIRED).toMatchObject({ status: 426 });
    expect(refusals.UPGRADE_REQUIRED.headers).toContainEqual(['Upgrade', 'websocket']);
  });

  test('has the status 400 for every other rule', () => {
    for (const [code, { status }] of Object.entries(refusals)) {
      if (!['METHOD', 'VERSION', 'UPGRADE_REQUIRED'].includes(code)) expect([code, status]).toEqual([code, 400]);
    }
  });
});

test('no request makes readRequest throw, whatever stands in its headers', () => {
  const names = [
    ...Object.keys(valid),
    'Origin',
    'Content-Length',
    'Transfer-Encoding',
    'Sec-WebSocket-Origin',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
  ];
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('13', '8', '0', 'a, b', 'foo; a="b\\c"', 'a=;,"'),
  );
  const changes = fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(value, { maxLength: 3 })));
  fc.assert(
    fc.property(changes, (given) => {
      const result = readRequest(request(given));
      if (!result.ok) expect(refusals).toHaveProperty(result.refusal.code);
    }),
    { seed: 6455, numRuns: 2000 },
  );
});

test('a request with thousands of headers is read', () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`X-${index}`, String(index)]));
  expect(refusalOf(request(many))).toBeUndefined();
  expect(refusalOf(request({ ...many, Upgrade: undefined }))).toBe('UPGRADE_REQUIRED');
});
