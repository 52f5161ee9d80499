import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type HeaderPairs,
  jsonLinesOf,
  type MessageData,
  maskConnection,
  maskHeader,
  maskMessage,
  maskRecording,
  maskUrl,
  toHar,
} from '../../src/recording/index.ts';
import { connectionOf, messageOf, recordings } from './support.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';
const masked = (data: MessageData) => maskMessage(messageOf({ data })).data;
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a header', () => {
  it.each([
    ['Authorization', `Bearer ${jwt}`, 'Bearer •••• (masked)'],
    ['authorization', 'Basic bWU6c2VjcmV0', 'Basic •••• (masked)'],
    ['Authorization', 'my secret', '•••• (masked)'],
    ['Proxy-Authorization', 'Digest username="me", response="ab"', 'Digest •••• (masked)'],
    ['Cookie', 'sid=abc; theme="dark"; lonely', 'sid=••••; theme=••••; ••••'],
    ['Set-Cookie', 'sid=abc; Path=/; Max-Age=5; HttpOnly', 'sid=••••; Path=/; Max-Age=5; HttpOnly'],
    ['X-Api-Key', 'abc def', '•••• (masked)'],
    ['X-Amz-Security-Token', 'abc', '•••• (masked)'],
    ['X-CSRF-Token', 'abc', '•••• (masked)'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['WWW-Authenticate', 'Basic realm="all"', 'Basic realm="all"'],
    ['Referer', 'https://me:pw@a.test/?token=abc&x=1', 'https://••••@a.test/?token=••••&x=1'],
    ['X-Other', `see ${jwt}`, 'see •••• (masked)'],
    ['Sec-WebSocket-Protocol', 'graphql-transport-ws, v2.stomp', 'graphql-transport-ws, v2.stomp'],
    [
      'Sec-WebSocket-Protocol',
      'k8s, base64url.bearer.authorization.k8s.io.YWJj',
      'k8s, base64url.bearer.authorization.k8s.io.••••',
    ],
    ['Sec-WebSocket-Protocol', 'access_token, abc, chat', 'access_token, ••••, chat'],
    ['Sec-WebSocket-Protocol', `chat,token-abc,${jwt}`, 'chat,token-••••,••••'],
    ['Sec-WebSocket-Protocol', 'mqtt, 3fa94be1c07d42aa9e11', 'mqtt, ••••'],
  ])('%s: %s', (name, value, expected) => {
    expect(maskHeader(name, value)).toBe(expected);
  });
});

describe('a URL', () => {
  it.each([
    ['wss://me:pw@example.com/chat', 'wss://••••@example.com/chat'],
    ['wss://a.test/?room=1&access_token=abc#x', 'wss://a.test/?room=1&access_token=••••'],
    ['wss://a.test/?key=abc&auth=d&signature=e&jwt=f', 'wss://a.test/?key=••••&auth=••••&signature=••••&jwt=••••'],
    ['wss://a.test/?X-Amz-Signature=ab&%74oken=cd', 'wss://a.test/?X-Amz-Signature=••••&%74oken=••••'],
    [`wss://a.test/feed/${jwt}/1`, 'wss://a.test/feed/•••• (masked)/1'],
    ['wss://a.test/?EIO=4&transport=websocket', 'wss://a.test/?EIO=4&transport=websocket'],
  ])('%s', (url, expected) => {
    expect(maskUrl(url)).toBe(expected);
  });
});

describe('a message', () => {
  it.each([
    [
      'Centrifugo',
      '{"id":1,"connect":{"token":"abc","name":"js"}}',
      '{"id":1,"connect":{"token":"•••• (masked)","name":"js"}}',
    ],
    ['lines of JSON', '{"token":"a"}\n{"x":1}', '{"token":"•••• (masked)"}\n{"x":1}'],
    ['Socket.IO', '40/admin,{"token":"abc"}', '40/admin,{"token":"•••• (masked)"}'],
    [
      'GraphQL',
      '{"type":"connection_init","payload":{"headers":{"Authorization":"Bearer abc"}}}',
      '{"type":"connection_init","payload":{"headers":{"Authorization":"Bearer •••• (masked)"}}}',
    ],
    [
      'JSON in JSON',
      JSON.stringify({ event: 'pusher:subscribe', data: JSON.stringify({ auth: 'key:abc', channel: 'a' }) }),
      JSON.stringify({ event: 'pusher:subscribe', data: JSON.stringify({ auth: '•••• (masked)', channel: 'a' }) }),
    ],
    ['an escaped name', '{"\\u0074oken":"abc"}', '{"\\u0074oken":"•••• (masked)"}'],
    ['an escaped token', `{"text":"a\\n${jwt}"}`, '{"text":"a\\n•••• (masked)"}'],
    ['a number', '{"password": 1234, "ok": true}', '{"password": "•••• (masked)", "ok": true}'],
    [
      'a list',
      '{"tokens":1,"credentials":{"user":"me","pin":[1]}}',
      '{"tokens":1,"credentials":{"user":"•••• (masked)","pin":["•••• (masked)"]}}',
    ],
    ['a session', '{"session":{"id":"1","model":"x"}}', '{"session":{"id":"1","model":"x"}}'],
    ['nothing there', '{"token":"","jwt":null}', '{"token":"","jwt":null}'],
    ['what was cut off', '{"a":1,"token":"abc', '{"a":1,"token":"•••• (masked)'],
    ['STOMP', 'CONNECT\nlogin:me\npasscode:abc\n\n\0', 'CONNECT\nlogin:me\npasscode:•••• (masked)\n\n\0'],
    ['XMPP', "<auth mechanism='PLAIN'>AGEAYg==</auth>", "<auth mechanism='PLAIN'>•••• (masked)</auth>"],
    ['a form', 'user=me&password=abc', 'user=me&password=••••'],
    ['a URL', '{"go":"wss://a:b@c.test/?token=d"}', '{"go":"wss://••••@c.test/?token=••••"}'],
    ['a sentence', 'my token is lost, see key=5 and code=3', 'my token is lost, see key=5 and code=3'],
    ['a key press', '{"key":"Enter","code":"KeyA"}', '{"key":"Enter","code":"KeyA"}'],
  ])('of %s', (_what, data, expected) => {
    expect(masked(data)).toBe(expected);
  });

  it('in bytes that are JSON is masked as text', () => {
    expect(masked(bytes('{"token":"abc"}'))).toEqual(bytes('{"token":"•••• (masked)"}'));
  });

  it('in other bytes loses its JSON Web Tokens only, and stays as long as it was', () => {
    const before = [1, jwt.length];
    const message = Uint8Array.of(...before, ...bytes(jwt), 0, ...bytes('eyJ eyJa'));
    const expected = Uint8Array.of(...before, ...bytes('*'.repeat(jwt.length)), 0, ...bytes('eyJ eyJa'));
    expect(masked(message)).toEqual(expected);
  });

  it('that has no secret is the very same object', () => {
    for (const data of ['{"text":"a key"}', 'hello', Uint8Array.of(0x7b, 0xff)]) {
      const message = messageOf({ data });
      expect(maskMessage(message)).toBe(message);
    }
  });

  it('that was edited is masked in both forms', () => {
    const { data, original } = maskMessage(messageOf({ data: '{"token":"a"}', original: '{"token":"b"}' }));
    expect([data, original]).toEqual(['{"token":"•••• (masked)"}', '{"token":"•••• (masked)"}']);
  });
});

/** Like nothing else that is in a record. */
const secret = fc.stringMatching(/^[A-Za-z0-9]{6}[A-Za-z0-9_.~+-]{6,30}$/).map((text) => `Q7${text}z`);
const memberName = fc.constantFrom(
  'token',
  'accessToken',
  'api_key',
  'password',
  'client-secret',
  'jwt',
  'Authorization',
);

/** A secret where it may be: in headers, a URL or a message. */
type Place = (secret: string) => { headers?: HeaderPairs; url?: string; data?: MessageData };
const inJson: Place[] = [
  (value) => ({ data: JSON.stringify({ token: value }) }),
  (value) => ({ data: JSON.stringify({ a: [{ password: `say "${value}"\\` }], b: 1 }, null, 2) }),
  (value) => ({ data: JSON.stringify({ data: JSON.stringify({ data: JSON.stringify({ secret: value }) }) }) }),
  (value) => ({ data: JSON.stringify({ headers: { Authorization: `Bearer ${value}` } }) }),
  (value) => ({ data: JSON.stringify({ go: `wss://me:${value}@a.test/?x="&token=${value}` }) }),
  (value) => ({ data: JSON.stringify({ text: `line\n${jwt}${value}` }) }),
];
const elsewhere: Place[] = [
  (value) => ({ headers: [['Authorization', value]] }),
  (value) => ({ headers: [['authorization', `Bearer ${value}`]] }),
  (value) => ({ headers: [['Cookie', `a=1; b=${value}`]] }),
  (value) => ({ headers: [['Cookie', value]] }),
  (value) => ({ headers: [['Set-Cookie', `a=${value}; Path=/`]] }),
  (value) => ({ headers: [['X-Auth-Token', `${value} ${value}`]] }),
  (value) => ({ headers: [['Sec-WebSocket-Protocol', `chat, base64url.bearer.authorization.${value}`]] }),
  (value) => ({ headers: [['Sec-WebSocket-Protocol', `access_token, ${value}`]] }),
  (value) => ({ headers: [['X-Forwarded-Uri', `/?token=${value}`]] }),
  (value) => ({ url: `wss://${value}@a.test/` }),
  (value) => ({ url: `wss://me:${value}@a.test/?a=1` }),
  (value) => ({ url: `wss://a.test/?a=1&key=${value}&b=2` }),
  (value) => ({ data: `SEND\nAuthorization: Digest username="me", response="${value}"\n\n` }),
  (value) => ({ data: `40{"token":"${value}"}` }),
  (value) => ({ data: bytes(JSON.stringify({ token: value })) }),
  (value) => ({ data: Uint8Array.of(9, ...bytes(`${jwt}${value}`), 1) }),
];

describe('masking', () => {
  it('leaves no secret in a file, wherever it was', () => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...inJson, ...elsewhere), (value, place) => {
        const { headers, url, data = '' } = place(value);
        const pairs = headers ?? [];
        const connection = connectionOf({
          ...(url === undefined ? {} : { url }),
          request: { method: 'GET', httpVersion: 'HTTP/1.1', headers: pairs },
          response: { status: 101, headers: pairs },
        });
        const recording = maskRecording({ connections: [connection], messages: [messageOf({ data })] });
        expect([...jsonLinesOf(recording)].join('')).not.toContain(value);
        expect(toHar(recording, '1')).not.toContain(value);
        const [message] = recording.messages;
        expect(
          new TextDecoder().decode(typeof message?.data === 'string' ? bytes(message.data) : message?.data),
        ).not.toContain(value);
      }),
      { numRuns: 600 },
    );
  });

  it('keeps JSON what it was, but for the values of secrets', () => {
    fc.assert(
      fc.property(fc.json(), memberName, fc.string(), fc.string(), (json, name, value, prefix) => {
        const wrapped = JSON.stringify({
          before: JSON.parse(json),
          [name]: `${value}!`,
          inner: JSON.stringify({ [name]: '1!' }),
        });
        const result = masked(wrapped);
        const read = JSON.parse(typeof result === 'string' ? result : '');
        expect(read[name]).toMatch(/•••• \(masked\)$/);
        expect(JSON.parse(read.inner)[name]).toBe('•••• (masked)');
        expect(Object.keys(read)).toEqual(Object.keys(JSON.parse(wrapped)));
        expect(() => masked(prefix + wrapped)).not.toThrow();
      }),
    );
  });

  it('is the same for what is masked already', () => {
    fc.assert(
      fc.property(recordings, fc.constantFrom(...inJson, ...elsewhere), secret, (recording, place, value) => {
        const { headers = [], url = 'wss://a.test/', data = '' } = place(value);
        const connection = connectionOf({ url, request: { method: 'GET', httpVersion: 'HTTP/1.1', headers } });
        const once = maskRecording(recording);
        expect(maskRecording(once)).toEqual(once);
        const [asked, said] = [maskConnection(connection), maskMessage(messageOf({ data }))];
        expect([maskConnection(asked), maskMessage(said)]).toEqual([asked, said]);
      }),
    );
  });

  it('takes a time that grows with the length alone', () => {
    const long = [
      `{"token":${'{"a":'.repeat(50_000)}`,
      `"${'\\'.repeat(200_000)}`,
      `token=${'eyJ'.repeat(70_000)}`,
      `${'token:'.repeat(30_000)}`,
      `://${'a@'.repeat(100_000)}`,
      `${'<auth '.repeat(30_000)}`,
      `${'"token":'.repeat(30_000)}`,
      `token ${'a'.repeat(200_000)}=`,
      `token${' '.repeat(200_000)}x`,
    ];
    const began = performance.now();
    for (const data of long) masked(data);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('masks a secret of any length', () => {
    const said = masked(`{"token":"${'a'.repeat(16 * 1024 * 1024)}","b":"c"}`);
    expect(said).toBe(`{"token":"•••• (masked)","b":"c"}`);
  });
});
