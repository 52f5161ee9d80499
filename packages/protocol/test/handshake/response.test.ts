import { type Header, refusals, serializeResponse } from '@tidewire/protocol';
import { describe, expect, test } from 'vitest';

describe('serializeResponse', () => {
  test('writes a response without a body', () => {
    expect(serializeResponse({ status: 101, headers: [['Upgrade', 'websocket']] })).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
    );
  });

  test('counts the bytes of the body, which is sent as UTF-8', () => {
    const response = serializeResponse({ status: 403, reason: 'Forbidden', headers: [['X-A', 'é']], body: 'né €' });
    expect(Buffer.from(response, 'latin1').toString('utf8')).toContain('\r\n\r\nné €');
    expect(response).toBe('HTTP/1.1 403 Forbidden\r\nX-A: é\r\nContent-Length: 7\r\n\r\nn\xc3\xa9 \xe2\x82\xac');
  });

  test('says that a body is empty', () => {
    expect(serializeResponse({ status: 400, headers: [] })).toBe(
      'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
    );
  });

  test.each([204, 304])('gives a response of status %d neither a length nor a body', (status) => {
    expect(serializeResponse({ status, headers: [] })).toBe(`HTTP/1.1 ${status} \r\n\r\n`);
    expect(() => serializeResponse({ status, headers: [], body: 'x' })).toThrow(TypeError);
  });

  test('does not let a body follow a 101, where it would be read as frames', () => {
    expect(() => serializeResponse({ status: 101, headers: [], body: 'x' })).toThrow(TypeError);
  });

  test.each([0, 99, 600, 200.5, Number.NaN])('throws for the status %d', (status) => {
    expect(() => serializeResponse({ status, headers: [] })).toThrow(RangeError);
  });

  test('throws for a status that is no number', () => {
    const head = { status: '200 OK\r\nX-Injected: 1', headers: [] };
    expect(() => Reflect.apply(serializeResponse, undefined, [head])).toThrow(RangeError);
  });

  test.each(['OK\r\nX-Injected: 1', 'O\0K', '€'])('throws for the reason %j', (reason) => {
    expect(() => serializeResponse({ status: 200, reason, headers: [] })).toThrow(TypeError);
  });

  test.each<Header>([
    ['X-A\r\nX-Injected', '1'],
    ['X-A', '1\r\nX-Injected: 1'],
    ['X-A', '1\nX-Injected: 1'],
    ['X-A', '\0'],
    ['content-length', '5'],
    ['Transfer-Encoding', 'chunked'],
  ])('throws for the header %j: %j', (name, value) => {
    expect(() => serializeResponse({ status: 200, headers: [[name, value]] })).toThrow(TypeError);
  });

  test('writes every refusal with its own reason', () => {
    for (const refusal of Object.values(refusals)) {
      expect(serializeResponse(refusal)).toMatch(/^HTTP\/1\.1 4[0-9]{2} [A-Z][A-Za-z ]+\r\n/);
    }
  });
});
