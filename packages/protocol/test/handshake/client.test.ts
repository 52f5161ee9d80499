import {
  acceptRequest,
  checkResponse,
  createRequest,
  type HandshakeFailureCode,
  HeaderList,
  handshakeFailures,
  isKey,
  offerDeflate,
  parseExtensions,
  portablePlatform,
  type RequestOptions,
  readRequest,
} from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const base: RequestOptions = { platform: portablePlatform, host: 'example.com', target: '/chat', key };
const create = (options: Partial<RequestOptions> = {}) => createRequest({ ...base, ...options });

/** For values that a program without types might pass. */
const createUnchecked = (options: Record<string, unknown>) =>
  Reflect.apply(createRequest, undefined, [{ ...base, ...options }]);

describe('createRequest', () => {
  test('asks for no more than it was told to', () => {
    expect(create()).toEqual({
      target: '/chat',
      headers: [
        ['Host', 'example.com'],
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Key', key],
        ['Sec-WebSocket-Version', '13'],
      ],
      key,
      expectedAccept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      subprotocols: [],
      extensions: [],
    });
  });

  test('asks for all of what it was told to', () => {
    const { headers } = create({
      origin: 'https://example.com',
      subprotocols: ['chat', 'superchat'],
      extensions: offerDeflate({ clientMaxWindowBits: true }, { minDeflateWindowBits: 9 }),
      headers: [
        ['Cookie', 'a=1'],
        ['Authorization', 'Bearer x'],
      ],
    });
    expect(headers.slice(5)).toEqual([
      ['Origin', 'https://example.com'],
      ['Sec-WebSocket-Protocol', 'chat, superchat'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
      ['Cookie', 'a=1'],
      ['Authorization', 'Bearer x'],
    ]);
  });

  test('sends the origin of version 8 under its older name', () => {
    const { headers } = create({ version: 8, origin: 'http://example.com' });
    expect(headers).toContainEqual(['Sec-WebSocket-Version', '8']);
    expect(headers).toContainEqual(['Sec-WebSocket-Origin', 'http://example.com']);
    expect(headers.map(([name]) => name)).not.toContain('Origin');
  });

  test('chooses a new key for each request', () => {
    const [one, other] = [create({ key: undefined }), create({ key: undefined })];
    expect(isKey(one.key)).toBe(true);
    expect(one.key).not.toBe(other.key);
    expect(one.headers).toContainEqual(['Sec-WebSocket-Key', one.key]);
  });

  test.each([[['']], [['a b']], [['a,b']], [['ä']], [['a\r\nX-Injected: 1']], [['a', 'b', 'a']]])(
    'throws a SyntaxError for the subprotocols %j',
    (subprotocols) => {
      expect(() => create({ subprotocols })).toThrow(SyntaxError);
    },
  );

  const injections = ['x\r\nX-Injected: 1', 'x\nX-Injected: 1', 'x\r', 'x\0', 'x\x7f', '\u010a'];
  test.each(['host', 'target', 'origin', 'key'])('throws for anything in %s that could end it', (option) => {
    for (const text of injections) expect(() => create({ [option]: text })).toThrow(TypeError);
    for (const text of injections) expect(() => create({ [option]: `/${text}` })).toThrow(TypeError);
  });

  test('throws for anything in a header or an extension that could end it', () => {
    for (const text of injections) {
      expect(() => create({ headers: [['X-A', text]] })).toThrow('X-A');
      expect(() => create({ headers: [[text, '1']] })).toThrow(TypeError);
      expect(() => create({ extensions: [{ name: text, parameters: [] }] })).toThrow(TypeError);
      expect(() => create({ extensions: [{ name: 'a', parameters: [{ name: 'b', value: text }] }] })).toThrow(
        TypeError,
      );
    }
  });

  test.each([
    { host: ['a'] },
    { origin: 7 },
    { origin: ['https://a.example'] },
    { key: [key] },
    { subprotocols: [['a']] },
  ])('throws for %j, which is of the wrong type', (options) => {
    expect(() => createUnchecked(options)).toThrow();
  });

  test.each([7, 12, '13', '13\r\nX-Injected: 1'])('throws for the version %j', (version) => {
    expect(() => createUnchecked({ version })).toThrow(RangeError);
  });

  test.each(['', 'a b', 'a/b', 'user@a', 'a:b'])('throws for the host %j', (host) => {
    expect(() => create({ host })).toThrow(TypeError);
  });

  test.each(['', 'chat', '/a b', '/a#b', '/ä', 'http://example.com/'])('throws for the target %j', (target) => {
    expect(() => create({ target })).toThrow(TypeError);
  });

  test.each(['Host', 'origin', 'Upgrade', 'Connection', 'Content-Length', 'Transfer-Encoding', 'sec-websocket-key'])(
    'throws for the header %s, which the handshake owns',
    (name) => {
      expect(() => create({ headers: [[name, '0']] })).toThrow(name);
    },
  );
});

describe('checkResponse', () => {
  type Headers = Record<string, string | string[] | undefined>;
  const sent = create({
    subprotocols: ['chat', 'superchat'],
    extensions: parseExtensions('foo; a=1, permessage-deflate') ?? [],
  });
  const valid: Headers = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': sent.expectedAccept };

  function check(changes: Headers, status = 101, request = sent) {
    const fields: string[] = [];
    for (const [name, values] of Object.entries({ ...valid, ...changes })) {
      for (const value of values === undefined ? [] : [values].flat()) fields.push(name, value);
    }
    return checkResponse(request, { status, headers: new HeaderList(fields) });
  }

  test('accepts a server that chose nothing', () => {
    expect(check({})).toEqual({ ok: true, subprotocol: '', extensions: [] });
  });

  test('tells what the server chose', () => {
    expect(
      check({ 'Sec-WebSocket-Protocol': 'superchat', 'Sec-WebSocket-Extensions': ['foo; a=2', 'permessage-deflate'] }),
    ).toEqual({
      ok: true,
      subprotocol: 'superchat',
      extensions: parseExtensions('foo; a=2, permessage-deflate'),
    });
  });

  test.each<[string, Headers]>([
    ['any case in Upgrade', { Upgrade: 'WebSocket' }],
    ['any case and other tokens in Connection', { Connection: 'keep-alive, UPGRADE' }],
    ['several Connection headers', { Connection: ['keep-alive', 'upgrade'] }],
    ['spaces around Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': ` \t${sent.expectedAccept} ` }],
  ])('accepts %s', (_, changes) => {
    expect(check(changes).ok).toBe(true);
  });

  test.each([100, 200, 301, 400, 401, 426, 503])('fails over the status %d', (status) => {
    expect(check({}, status)).toEqual({ ok: false, code: 'STATUS', message: handshakeFailures.STATUS });
  });

  const list = (...values: string[]) => values;
  test.each<[HandshakeFailureCode, string, (string | string[] | undefined)[]]>([
    [
      'UPGRADE',
      'Upgrade',
      [undefined, '', 'h2c', 'websocket, h2c', 'webſocket', 'websoc\u212aet', list('websocket', 'websocket')],
    ],
    ['CONNECTION', 'Connection', [undefined, '', 'keep-alive', 'upgraded', 'Upgrade/1']],
    [
      'ACCEPT',
      'Sec-WebSocket-Accept',
      [
        ...[
          undefined,
          '',
          key,
          sent.expectedAccept.toLowerCase(),
          `${sent.expectedAccept}=`,
          `"${sent.expectedAccept}"`,
        ],
        ...[list(sent.expectedAccept, sent.expectedAccept), list(sent.expectedAccept, 'x')],
      ],
    ],
    [
      'SUBPROTOCOL',
      'Sec-WebSocket-Protocol',
      ['', 'other', 'Chat', 'chat, superchat', list('chat', 'chat'), list('chat', 'superchat')],
    ],
    ['EXTENSIONS', 'Sec-WebSocket-Extensions', ['', 'foo;', 'foo bar', 'foo; a="', list('foo', ';')]],
    [
      'EXTENSION_NOT_OFFERED',
      'Sec-WebSocket-Extensions',
      ['bar', 'foo, bar', 'Foo', list('foo', 'x-webkit-deflate-frame')],
    ],
  ])('fails with %s over %s', (code, name, values) => {
    for (const value of values) expect([value, check({ [name]: value })]).toMatchObject([value, { ok: false, code }]);
  });

  test('fails over a subprotocol or an extension if none was asked for', () => {
    expect(check({ 'Sec-WebSocket-Protocol': 'chat' }, 101, create())).toMatchObject({ code: 'SUBPROTOCOL' });
    expect(check({ 'Sec-WebSocket-Extensions': 'foo' }, 101, create())).toMatchObject({
      code: 'EXTENSION_NOT_OFFERED',
    });
  });

  test('never throws', () => {
    const names = [...Object.keys(valid), 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions'];
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('chat', 'foo; a="b\\c"', 'foo', 'a=;,"'));
    const changes = fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(value, { maxLength: 3 })));
    fc.assert(
      fc.property(changes, (given) => {
        const result = check(given);
        if (!result.ok) expect(handshakeFailures).toHaveProperty(result.code);
      }),
      { seed: 6455, numRuns: 2000 },
    );
  });
});

test.each([13, 8] as const)('a client and a server of version %d understand each other', (version) => {
  const sent = create({ version, origin: 'http://example.com', subprotocols: ['a', 'b'], key: undefined });
  const headers = new HeaderList(sent.headers.flat());
  const result = readRequest({ method: 'GET', httpVersion: '1.1', target: sent.target, headers });
  if (!result.ok) throw new Error(result.refusal.code);
  expect(result.opening).toMatchObject({
    version,
    origin: 'http://example.com',
    subprotocols: ['a', 'b'],
    host: 'example.com',
  });
  const response = acceptRequest(result.opening, portablePlatform, { subprotocol: 'b' });
  const [first, ...lines] = response.trimEnd().split('\r\n');
  expect(first).toBe('HTTP/1.1 101 Switching Protocols');
  const fields = lines.flatMap((line) => line.split(': '));
  expect(checkResponse(sent, { status: 101, headers: new HeaderList(fields) })).toEqual({
    ok: true,
    subprotocol: 'b',
    extensions: [],
  });
});
