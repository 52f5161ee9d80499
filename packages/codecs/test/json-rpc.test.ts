import { type JsonRpcPacket, jsonRpcDecoder, jsonRpcErrorMeaning, readJsonRpc, writeJsonRpc } from '@tidewire/codecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyJson, anyObject, anyText, parameters } from './support/arbitrary.ts';

const id = fc.oneof(fc.constant(null), fc.nat(), anyText);
const packet: fc.Arbitrary<JsonRpcPacket> = fc.oneof(
  fc.record({
    type: fc.constant('request' as const),
    id,
    method: anyText,
    params: fc.oneof(anyObject, fc.array(anyJson)),
  }),
  fc.record({ type: fc.constant('request' as const), id, method: anyText }),
  fc.record({ type: fc.constant('notification' as const), method: anyText }),
  fc.record({ type: fc.constant('result' as const), id, result: anyJson }),
  fc.record({
    type: fc.constant('error' as const),
    id,
    error: fc.record({ code: fc.integer(), message: anyText, data: anyJson }),
  }),
);

describe('JSON-RPC', () => {
  it(`reads what it has written, one or a batch (SEED=${parameters.seed})`, () => {
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1 }), (packets) => {
        expect(readJsonRpc(writeJsonRpc(packets))).toEqual({ values: packets, isBatch: true });
        for (const each of packets) expect(readJsonRpc(writeJsonRpc(each))).toEqual({ values: [each], isBatch: false });
      }),
      parameters,
    );
  });

  it.each([
    ['', 'no JSON'],
    ['{"id":1,"method":"a"}', '"jsonrpc":"2.0"'],
    ['{"jsonrpc":"1.0","method":"a"}', '"jsonrpc":"2.0"'],
    ['[]', 'empty batch'],
    ['[1]', '"jsonrpc":"2.0"'],
    ['{"jsonrpc":"2.0","method":1}', 'no string'],
    ['{"jsonrpc":"2.0","method":"a","params":1}', 'params'],
    ['{"jsonrpc":"2.0","id":{},"method":"a"}', 'id'],
    ['{"jsonrpc":"2.0","result":1}', 'without an id'],
    ['{"jsonrpc":"2.0","id":1}', 'neither'],
    ['{"jsonrpc":"2.0","id":1,"result":1,"error":{}}', 'a result and an error'],
    ['{"jsonrpc":"2.0","id":1,"error":{}}', 'a code and a message'],
  ])('says what is wrong with %s', (text, problem) => {
    expect(readJsonRpc(text).problem).toContain(problem);
  });

  it('refuses to write an empty batch', () => {
    expect(() => writeJsonRpc([])).toThrow('packets');
  });

  it('names the codes of the specification', () => {
    expect(jsonRpcErrorMeaning(-32601)).toBe('Method not found');
    expect(jsonRpcErrorMeaning(-32050)).toBe('Server error');
    expect(jsonRpcErrorMeaning(1)).toBeUndefined();
  });

  it('shows of an answer what was asked, whichever side asked', () => {
    const decoder = jsonRpcDecoder.create();
    decoder.decode('{"jsonrpc":"2.0","id":1,"method":"sum","params":[1,2]}', 'toServer');
    decoder.decode('{"jsonrpc":"2.0","id":1,"method":"ask"}', 'toClient');
    expect(decoder.decode('{"jsonrpc":"2.0","id":1,"result":3}', 'toClient')).toMatchObject([
      { kind: 'result', about: 'sum', id: '1' },
    ]);
    const error = '[{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}]';
    expect(decoder.decode(error, 'toServer')).toMatchObject([
      {
        kind: 'error',
        about: 'ask',
        fields: [
          ['batch', 'of 1'],
          ['code', '-32601: Method not found'],
          ['message', 'no'],
        ],
      },
    ]);
    expect(decoder.decode('{"id":1}', 'toServer')).toBeUndefined();
    expect(decoder.decode('{"jsonrpc":"2.0"}', 'toServer')).toMatchObject([{ problem: 'an answer without an id' }]);
  });
});
