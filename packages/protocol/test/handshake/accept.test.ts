import {
  acceptDeflate,
  acceptRequest,
  type Header,
  HeaderList,
  type OpeningChoice,
  type OpeningRequest,
  portablePlatform,
  readRequest,
} from '@tidewire/protocol';
import { describe, expect, test } from 'vitest';

function opening(...fields: string[]): OpeningRequest {
  const headers = new HeaderList([
    ...['Host', 'example.com', 'Upgrade', 'websocket', 'Connection', 'Upgrade'],
    ...['Sec-WebSocket-Key', 'x3JJHMbDL1EzLkh9GBhXDw==', 'Sec-WebSocket-Version', '13'],
    ...fields,
  ]);
  const result = readRequest({ method: 'GET', httpVersion: '1.1', target: '/', headers });
  if (!result.ok) throw new Error(result.refusal.code);
  return result.opening;
}

const plain = opening();
const accept = (choice: OpeningChoice, request = plain) => acceptRequest(request, portablePlatform, choice);

function headersOf(response: string): string[][] {
  const [, ...lines] = response.trimEnd().split('\r\n');
  return lines.map((line) => line.split(': '));
}

describe('acceptRequest', () => {
  test('answers the key', () => {
    expect(accept({})).toBe(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=',
        '\r\n',
      ].join('\r\n'),
    );
  });

  test('names the subprotocol that was chosen', () => {
    const request = opening('Sec-WebSocket-Protocol', 'chat, superchat');
    expect(headersOf(accept({ subprotocol: 'superchat' }, request))).toContainEqual([
      'Sec-WebSocket-Protocol',
      'superchat',
    ]);
    expect(headersOf(accept({}, request)).map(([name]) => name)).not.toContain('Sec-WebSocket-Protocol');
  });

  test.each(['Chat', 'other', '', 'chat, superchat', 'chat\r\nX-Injected: 1'])(
    'throws for the subprotocol %j, which was not asked for',
    (subprotocol) => {
      expect(() => accept({ subprotocol }, opening('Sec-WebSocket-Protocol', 'chat, superchat'))).toThrow(TypeError);
    },
  );

  test('answers permessage-deflate once, however often it was offered', () => {
    const request = opening(
      'Sec-WebSocket-Extensions',
      'x, permessage-deflate; server_max_window_bits=10, permessage-deflate',
    );
    const deflate = acceptDeflate(request.extensions, {}, { minDeflateWindowBits: 9 });
    const extensions = headersOf(accept({ deflate }, request)).filter(([name]) => name === 'Sec-WebSocket-Extensions');
    expect(extensions).toEqual([['Sec-WebSocket-Extensions', 'permessage-deflate; server_max_window_bits=10']]);
  });

  test('throws for permessage-deflate that was not offered', () => {
    const request = opening('Sec-WebSocket-Extensions', 'permessage-deflate');
    const deflate = acceptDeflate(request.extensions, {}, { minDeflateWindowBits: 9 });
    expect(() => accept({ deflate })).toThrow(TypeError);
  });

  test('adds the headers of the application in their order', () => {
    const headers: Header[] = [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ];
    expect(headersOf(accept({ headers })).slice(-2)).toEqual(headers);
  });

  test.each([
    'Upgrade',
    'connection',
    'Content-Length',
    'TRANSFER-ENCODING',
    'Sec-WebSocket-Accept',
    'sec-websocket-protocol',
    'Sec-WebSocket-Extensions',
    'Sec-WebSocket-Anything',
  ])('throws for the header %s, which the handshake owns, and names it', (name) => {
    expect(() => accept({ headers: [[name, '0']] })).toThrow(TypeError);
    expect(() => accept({ headers: [[name, '0']] })).toThrow(name);
  });

  test.each<Header>([
    ['Set-Cookie', 'a=1\r\nX-Injected: 1'],
    ['Set-Cookie', 'a=1\n'],
    ['Set-Cookie', 'a=\0'],
    ['Set-Cookie\r\nX-Injected', '1'],
    ['', '1'],
  ])('throws for the header %j: %j', (name, value) => {
    expect(() => accept({ headers: [[name, value]] })).toThrow(TypeError);
  });
});
