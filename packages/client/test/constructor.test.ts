import { WebSocket, type WebSocketOptions } from '@tidewire/client';
import { describe, expect, test } from 'vitest';
import { answeringServer, echoServer, switching } from './support/servers.ts';
import { closeOf, connect, failureOf, next, open } from './support/sockets.ts';

const nowhere = 'ws://127.0.0.1:9/';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

describe('the URL', () => {
  test.each([
    'relative',
    '/path',
    'ws://with space/',
    'ftp://host/',
    'mailto:somebody@host',
    'ws://host/#',
    'ws://host/#part',
    'http://host/#part',
  ])('%s is a SyntaxError', (url) => {
    expect(thrownBy(() => new WebSocket(url))).toMatchObject({ name: 'SyntaxError', constructor: DOMException });
  });

  test.each([
    ['http://host.invalid/a', 'ws://host.invalid/a'],
    ['https://host.invalid/a', 'wss://host.invalid/a'],
    ['HTTP://HOST.invalid:80', 'ws://host.invalid/'],
    ['https://host.invalid:443/', 'wss://host.invalid/'],
    ['wss:host.invalid/ä?ö', 'wss://host.invalid/%C3%A4?%C3%B6'],
  ])('%s becomes %s', (given, url) => {
    const socket = connect(given);
    expect(socket.url).toBe(url);
  });

  test('is converted to a string, lone surrogates replaced', () => {
    const { url } = connect({ toString: () => 'ws://host.invalid/\ud800' } as string);
    expect(url).toBe('ws://host.invalid/%EF%BF%BD');
  });

  test('is resolved against a base if one is given', () => {
    expect(connect('../b?c', { baseUrl: 'https://host.invalid/x/y' }).url).toBe('wss://host.invalid/b?c');
  });

  test('must be there', () => {
    expect(thrownBy(() => Reflect.construct(WebSocket, []))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => Reflect.apply(WebSocket, undefined, [nowhere]))).toBeInstanceOf(TypeError);
  });

  test.each([25, 6000, 10080])('to port %d is refused as a failure, as the Fetch standard says', async (port) => {
    expect(await failureOf(`ws://127.0.0.1:${port}/`)).toMatchObject({ code: 'BLOCKED_PORT' });
    expect(await failureOf(`ws://127.0.0.1:${port}/`, { allowBlockedPorts: true })).toMatchObject({ code: 'CONNECT' });
  });

  test('sends its user and password as Basic credentials', async () => {
    const server = await echoServer();
    await open(server.url.replace('//', '//us%20er:p%C3%A4ss@'));
    const expected = `Basic ${Buffer.from('us er:päss').toString('base64')}`;
    expect(server.requests[0]?.headers.authorization).toBe(expected);
  });
});

describe('the subprotocols', () => {
  test.each([[''], ['a b'], ['a,b'], ['\u0080'], [['a', 'a']], [['a', 'A']], [['a', '']], [[null, 'null']]])(
    '%j are a SyntaxError',
    (protocols) => {
      const given = protocols as string | string[];
      expect(thrownBy(() => new WebSocket(nowhere, given))).toMatchObject({ name: 'SyntaxError' });
    },
  );

  test('are a string, a sequence or a member of a dictionary', async () => {
    const server = await echoServer();
    const asked = async (protocols: unknown) => {
      const socket = new WebSocket(server.url, protocols as string);
      await next(socket, 'open');
      socket.terminate();
      return [socket.protocol, server.requests.at(-1)?.headers['sec-websocket-protocol']];
    };
    expect(await asked('one')).toEqual(['one', 'one']);
    expect(await asked(['one', 'two'])).toEqual(['one', 'one, two']);
    expect(await asked(new Set([1, 2]))).toEqual(['1', '1, 2']);
    expect(await asked({ protocols: ['one'], headers: { 'X-Test': 'yes' } })).toEqual(['one', 'one']);
    expect(server.requests.at(-1)?.headers['x-test']).toBe('yes');
    expect(await asked({})).toEqual(['', undefined]);
    expect(await asked(null)).toEqual(['', undefined]);
    expect(await asked(undefined)).toEqual(['', undefined]);
    expect(await asked(() => {})).toEqual(['', undefined]);
  });

  test('cannot be a symbol, and their iterator must be a function', () => {
    expect(thrownBy(() => new WebSocket(nowhere, Symbol('x') as never))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => new WebSocket(nowhere, { [Symbol.iterator]: 1 } as never))).toBeInstanceOf(TypeError);
  });

  test('that the server does not choose from fail the connection', async () => {
    const { port } = await answeringServer(switching);
    const failure = await failureOf(`ws://127.0.0.1:${port}/`, {}, 'chat');
    expect(failure).toMatchObject({ code: 'SUBPROTOCOL_MISSING', response: { status: 101 } });
  });
});

describe('the third argument', () => {
  test.each(['text', 1, true, null, undefined])('is ignored when it is %j', (options) => {
    const socket = new WebSocket(nowhere, [], options as WebSocketOptions);
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
  });

  test.each<[string, unknown]>([
    ['heders', {}],
    ['headers', 'Cookie: a'],
    ['headers', { Cookie: 1 }],
    ['headers', [['Cookie']]],
    ['origin', 1],
    ['baseUrl', '/relative'],
    ['signal', {}],
    ['handshakeTimeout', 0],
    ['handshakeTimeout', '1'],
    ['closeTimeout', Number.NaN],
    ['redirects', -1],
    ['redirects', { max: '1' }],
    ['redirects', { most: 1 }],
    ['proxy', 'not a url'],
    ['proxy', 'socks5://127.0.0.1:1080'],
    ['proxy', { headers: {} }],
    ['proxy', true],
    ['socketPath', ''],
    ['socketPath', 'a\0b'],
    ['tls', 'no'],
    ['tls', { rejectUnauthorised: false }],
    ['deflate', 1],
    ['deflate', { serverMaxWindowBits: '10' }],
    ['deflate', { windowBits: 10 }],
    ['limits', { maxMessageSize: 0 }],
    ['limits', { maxMessagesize: 1 }],
    ['version', 12],
    ['connectInParallel', 'yes'],
  ])('throws a TypeError that names the option %s when it is %j', (name, value) => {
    const error = thrownBy(() => new WebSocket(nowhere, [], { [name]: value } as WebSocketOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(name);
  });

  test('throws a RangeError for window bits that do not exist', () => {
    for (const deflate of [{ serverMaxWindowBits: 16 }, { serverMaxWindowBits: 7 }, { clientMaxWindowBits: 7 }]) {
      expect(thrownBy(() => new WebSocket(nowhere, [], { deflate }))).toBeInstanceOf(RangeError);
    }
  });
});

test('a new socket is CONNECTING, with nothing negotiated and nothing buffered', async () => {
  const socket = connect(nowhere, { allowBlockedPorts: true });
  const { readyState, protocol, extensions, bufferedAmount, binaryType, handshake, failure } = socket;
  expect({ readyState, protocol, extensions, bufferedAmount, binaryType, handshake, failure }).toEqual({
    readyState: 0,
    protocol: '',
    extensions: '',
    bufferedAmount: 0,
    binaryType: 'blob',
    handshake: undefined,
    failure: undefined,
  });
  expect((await closeOf(socket)).failure).toBe(socket.failure);
});
