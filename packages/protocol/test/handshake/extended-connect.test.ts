import {
  acceptConnect,
  type ConnectOptions,
  checkConnectResponse,
  createConnect,
  HeaderList,
  offerDeflate,
  portablePlatform,
  type RefusalCode,
  readConnect,
} from '@tidewire/protocol';
import { describe, expect, test } from 'vitest';

type Headers = Record<string, string | string[] | undefined>;

function request(changes: Headers = {}, pseudo: { scheme?: string; target?: string } = {}) {
  const valid: Headers = { host: 'example.com', 'sec-websocket-version': '13' };
  const fields: string[] = [];
  for (const [name, values] of Object.entries({ ...valid, ...changes })) {
    for (const value of values === undefined ? [] : [values].flat()) fields.push(name, value);
  }
  return { scheme: 'https', target: '/chat?room=1', ...pseudo, headers: new HeaderList(fields) };
}

function refusalOf(given: ReturnType<typeof request>) {
  const result = readConnect(given);
  return result.ok ? undefined : result.refusal;
}

describe('a valid request by extended CONNECT', () => {
  test('is read', () => {
    const given = request({ 'sec-websocket-protocol': 'chat, superchat', origin: 'https://example.com' });
    expect(readConnect(given)).toEqual({
      ok: true,
      opening: {
        version: 13,
        key: '',
        host: 'example.com',
        target: '/chat?room=1',
        origin: 'https://example.com',
        subprotocols: ['chat', 'superchat'],
        extensions: [],
        headers: given.headers,
      },
    });
  });

  test('may have the scheme http', () => {
    expect(refusalOf(request({}, { scheme: 'http' }))).toBeUndefined();
  });

  test('has no use for a key, valid or not', () => {
    const result = readConnect(request({ 'sec-websocket-key': 'x' }));
    expect(result.ok && result.opening.key).toBe('');
  });
});

describe('a request by extended CONNECT is refused with 400', () => {
  test.each<[RefusalCode, ReturnType<typeof request>]>([
    ['SCHEME', request({}, { scheme: 'ftp' })],
    ['REQUEST_TARGET', request({}, { target: '*' })],
    ['BODY', request({ 'content-length': '1' })],
    ['HOST', request({ host: ['example.com', 'example.org'] })],
    ['HOST', request({ host: 'a b' })],
    ['SUBPROTOCOLS', request({ 'sec-websocket-protocol': 'a, a' })],
    ['EXTENSIONS', request({ 'sec-websocket-extensions': ';' })],
    ['ORIGIN', request({ origin: ['https://a', 'https://b'] })],
  ])('over %s', (code, given) => {
    expect(refusalOf(given)).toMatchObject({ code, status: 400, headers: [] });
  });

  test('over the version, with those that are spoken and without the headers that HTTP/2 has not', () => {
    expect(refusalOf(request({ 'sec-websocket-version': '14' }))).toMatchObject({
      code: 'VERSION',
      status: 400,
      headers: [['Sec-WebSocket-Version', '13, 8']],
    });
  });
});

describe('acceptConnect', () => {
  const result = readConnect(request({ 'sec-websocket-protocol': 'chat' }));
  const opening = result.ok ? result.opening : expect.fail();

  test('says what was chosen, and no header of the connection', () => {
    const headers = [
      ['Set-Cookie', 'a=1'],
      ['Keep-Alive', 'timeout=5'],
    ] as const;
    expect(acceptConnect(opening, { subprotocol: 'chat', headers })).toEqual([
      ['Sec-WebSocket-Protocol', 'chat'],
      ['Set-Cookie', 'a=1'],
    ]);
    expect(acceptConnect(opening, {})).toEqual([]);
  });

  test('throws what acceptRequest throws', () => {
    expect(() => acceptConnect(opening, { subprotocol: 'other' })).toThrow(/not one that the client asked for/);
    expect(() => acceptConnect(opening, { headers: [['Upgrade', 'x']] })).toThrow(/set by the handshake/);
  });
});

const base: ConnectOptions = { platform: portablePlatform, scheme: 'https', host: 'example.com', target: '/chat' };

describe('createConnect', () => {
  test('makes a request that is valid, with all that was asked for', () => {
    const { headers } = createConnect({
      ...base,
      origin: 'https://example.com',
      subprotocols: ['chat'],
      extensions: offerDeflate({ clientMaxWindowBits: true }, { minDeflateWindowBits: 9 }),
      headers: [
        ['Cookie', 'a=1'],
        ['Keep-Alive', 'timeout=5'],
      ],
    });
    expect(headers).toEqual([
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
      [':scheme', 'https'],
      [':path', '/chat'],
      [':authority', 'example.com'],
      ['Sec-WebSocket-Version', '13'],
      ['Origin', 'https://example.com'],
      ['Sec-WebSocket-Protocol', 'chat'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
      ['Cookie', 'a=1'],
    ]);
  });

  test('throws what createRequest throws', () => {
    expect(() => createConnect({ ...base, host: '' })).toThrow(TypeError);
    expect(() => createConnect({ ...base, subprotocols: ['a', 'a'] })).toThrow(SyntaxError);
  });
});

describe('checkConnectResponse', () => {
  const sent = createConnect({ ...base, subprotocols: ['chat'] });
  const check = (status: number, ...fields: string[]) =>
    checkConnectResponse(sent, { status, headers: new HeaderList(fields) });

  test('takes 200 with what was offered', () => {
    expect(check(200)).toEqual({ ok: true, subprotocol: '', extensions: [] });
    expect(check(200, 'sec-websocket-protocol', 'chat')).toMatchObject({ ok: true, subprotocol: 'chat' });
  });

  test.each([101, 201, 204, 302, 404])('takes %d for no acceptance', (status) => {
    expect(check(status)).toMatchObject({ ok: false, code: 'STATUS' });
  });

  test('fails over what was not offered', () => {
    expect(check(200, 'sec-websocket-protocol', 'other')).toMatchObject({ code: 'SUBPROTOCOL' });
    expect(check(200, 'sec-websocket-extensions', 'x')).toMatchObject({ code: 'EXTENSION_NOT_OFFERED' });
  });
});
