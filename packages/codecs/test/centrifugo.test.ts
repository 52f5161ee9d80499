import {
  type CentrifugoCommand,
  type CentrifugoReply,
  centrifugoDecoder,
  centrifugoDisconnectMeaning,
  centrifugoErrorMeaning,
  centrifugoUnsubscribeMeaning,
  readCentrifugoCommands,
  readCentrifugoReplies,
  writeCentrifugoCommands,
  writeCentrifugoReplies,
} from '@tidewire/codecs';
import { disconnectCodes, errorCodes, unsubscribeCodes } from '@tidewire/hub';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, anyText, parameters } from './support/arbitrary.ts';

const id = fc.nat();
const method = fc.constantFrom('connect' as const, 'subscribe' as const, 'publish' as const, 'rpc' as const);
const command: fc.Arbitrary<CentrifugoCommand> = fc.oneof(
  fc.constant({ type: 'pong' as const }),
  fc.record({ type: fc.constant('command' as const), id: id.map((each) => each + 1), method, request: anyObject }),
  fc.record({ type: fc.constant('command' as const), method: fc.constant('send' as const), request: anyObject }),
);
const reply: fc.Arbitrary<CentrifugoReply> = fc.oneof(
  fc.constant({ type: 'ping' as const }),
  fc.record({ type: fc.constant('result' as const), id, method, result: anyObject }),
  fc.record({
    type: fc.constant('error' as const),
    id,
    error: fc.record({ code: fc.nat(), message: anyText, temporary: fc.boolean() }),
  }),
  fc.record({
    type: fc.constant('push' as const),
    push: fc.constantFrom('pub' as const, 'join' as const),
    channel: anyText,
    data: anyObject,
  }),
  fc.record({ type: fc.constant('push' as const), push: fc.constant('disconnect' as const), data: anyObject }),
);

describe("Centrifugo's JSON", () => {
  it(`reads what it has written, several in a message (SEED=${parameters.seed})`, () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1 }), fc.array(reply, { minLength: 1 }), (commands, replies) => {
        expect(readCentrifugoCommands(writeCentrifugoCommands(commands))).toEqual({ values: commands });
        expect(readCentrifugoReplies(writeCentrifugoReplies(replies))).toEqual({ values: replies });
      }),
      parameters,
    );
  });

  it('reads what is before a line that is wrong', () => {
    const { values, problem } = readCentrifugoReplies('{}\n{"id":1,"connect":{}}\n{"id":');
    expect(values.map(({ type }) => type)).toEqual(['ping', 'result']);
    expect(problem).toContain('no JSON');
  });

  it.each([
    '',
    '\n',
    '[]',
    '{"id":-1}',
    '{"id":1,"no":{}}',
    '{"id":1,"connect":2}',
    '{"push":{}}',
    '{"push":{"pub":{},"channel":1}}',
    '{"error":{}}',
  ])('says what is wrong with %j', (line) => {
    expect(readCentrifugoReplies(line).problem).toBeDefined();
  });

  it('knows the codes that the hub sends', () => {
    for (const { code, message } of Object.values(errorCodes)) expect(centrifugoErrorMeaning(code)).toBe(message);
    for (const { code, reason } of Object.values(disconnectCodes))
      expect(centrifugoDisconnectMeaning(code)).toContain(reason);
    for (const { code, reason } of Object.values(unsubscribeCodes))
      expect(centrifugoUnsubscribeMeaning(code)).toContain(reason);
    expect(centrifugoDisconnectMeaning(3501)).toContain('stays away');
    expect(centrifugoDisconnectMeaning(4100)).toContain('connects again');
    expect(centrifugoDisconnectMeaning(1000)).toBeUndefined();
  });

  it('shows of a reply what its command was about', () => {
    const decoder = centrifugoDecoder.create();
    expect(decoder.decode('{"id":2,"subscribe":{"channel":"news"}}', 'toServer')).toMatchObject([
      { kind: 'subscribe', about: 'news', id: '2' },
    ]);
    expect(decoder.decode('{"id":2,"error":{"code":103,"message":"permission denied"}}', 'toClient')).toEqual([
      {
        kind: 'subscribe error',
        about: 'news',
        id: '2',
        fields: [
          ['code', '103: permission denied'],
          ['message', 'permission denied'],
          ['temporary', 'false'],
        ],
      },
    ]);
  });

  it('shows publications by their data, and pings by their direction', () => {
    const decoder = centrifugoDecoder.create();
    expect(decoder.decode('{"push":{"channel":"news","pub":{"data":{"a":1},"offset":5}}}\n{}', 'toClient')).toEqual([
      { kind: 'pub', about: 'news', fields: [['offset', '5']], body: { type: 'json', value: { a: 1 } } },
      { kind: 'ping', fields: [] },
    ]);
    expect(decoder.decode('{}', 'toServer')).toEqual([{ kind: 'pong', fields: [] }]);
    expect(decoder.decode('hello', 'toServer')).toBeUndefined();
  });
});
