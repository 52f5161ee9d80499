import { describe, expect, it } from 'vitest';
import { readCommands } from '../../src/centrifuge-json/commands.ts';

const read = (message: string) => readCommands(message, 10);
const readOne = (command: object) => read(JSON.stringify(command));

describe('commands that are right', () => {
  it('may be several, each in a line', () => {
    const { commands, problem } = read('{"id":1,"ping":{}}\n\r\n{"id":2,"presence":{"channel":"c"}}\n');
    expect(problem).toBeUndefined();
    expect(commands).toEqual([
      { type: 'ping', id: '1' },
      { type: 'presence', id: '2', channel: 'c' },
    ]);
  });

  it('keep their payloads as they have come', () => {
    const { commands } = read('{"id":1,"publish":{"channel":"c","data":{"n" : 12345678901234567890,"n":1.0}}}');
    expect(commands).toEqual([
      { type: 'publish', id: '1', channel: 'c', data: '{"n" : 12345678901234567890,"n":1.0}' },
    ]);
  });

  it('keep null, which is a payload, too', () => {
    expect(readOne({ id: 1, rpc: { method: 'm', data: null } }).commands).toMatchObject([{ data: 'null' }]);
    expect(readOne({ id: 1, rpc: { method: 'm' } }).commands).toMatchObject([{ data: undefined }]);
  });

  it('connect with a token, data, and places in channels', () => {
    const subs = { a: { recover: true, epoch: 'e', offset: 7 }, b: { epoch: 'f' }, __proto__x: { recover: true } };
    const { commands } = readOne({ id: 1, connect: { token: 't', data: [1], name: 'js', version: '5', subs } });
    expect(commands).toEqual([
      {
        ...{ type: 'connect', id: '1', token: 't', data: '[1]', name: 'js', version: '5' },
        positions: new Map([
          ['a', { epoch: 'e', offset: 7 }],
          ['__proto__x', { epoch: '', offset: 0 }],
        ]),
      },
    ]);
  });

  it('subscribe with a position where they want to recover', () => {
    const subscribe = { channel: 'c', recover: true, epoch: 'e', offset: 3, join_leave: true, flag: 3, unknown: {} };
    expect(readOne({ id: 1, subscribe }).commands).toMatchObject([
      {
        channel: 'c',
        rejectsUnrecovered: true,
        request: { position: { epoch: 'e', offset: 3 }, wantsJoinLeave: true },
      },
    ]);
    expect(readOne({ id: 1, subscribe: { channel: 'c', epoch: 'e', flag: 1 } }).commands).toMatchObject([
      { rejectsUnrecovered: false, request: { position: undefined } },
    ]);
  });

  it.each([
    [{}, { since: undefined, limit: 0 }],
    [{ limit: -1 }, { since: undefined, limit: undefined }],
    [
      { limit: 5, reverse: true },
      { limit: 5, isReversed: true },
    ],
    [{ since: { epoch: '', offset: 0 } }, { since: undefined }],
    [{ since: { epoch: 'e' } }, { since: { epoch: 'e', offset: 0 } }],
  ])('ask for history by %j', (history, request) => {
    expect(readOne({ id: 1, history: { channel: 'c', ...history } }).commands).toMatchObject([{ request }]);
  });

  it('say nothing to answer a ping', () => {
    expect(read('{}').commands).toEqual([{ type: 'pong' }]);
    expect(read('{"id":0,"ping":null}').commands).toEqual([{ type: 'pong' }]);
  });

  it('need no id only to send', () => {
    expect(readOne({ send: { data: 'hi' } }).commands).toEqual([{ type: 'send', id: undefined, data: '"hi"' }]);
  });

  it.each([
    { subscribe: { channel: 'c', type: 4 } },
    { subscribe: { channel: 'c', tf: { op: 'and' } } },
    { publish: { channel: 'c', type: 1, key: 'k', removed: true } },
    { sub_refresh: { channel: 'c', type: 1, items: [] } },
  ])('are refused alone where they ask for what there is not: %j', (command) => {
    const { commands, problem } = readOne({ id: 1, ...command });
    expect(problem).toBeUndefined();
    expect(commands).toMatchObject([{ type: 'refused', id: '1', error: { code: 108 } }]);
  });
});

describe('commands that are wrong', () => {
  it.each<[string, string | RegExp]>([
    ['', 'an empty message'],
    ['\n \n', 'an empty message'],
    ['{', 'a command must be a JSON object in a line'],
    ['{"id":1,\n"ping":{}}', 'a command must be a JSON object in a line'],
    ['[]', 'a command must be a JSON object in a line'],
    ['null', 'a command must be a JSON object in a line'],
    ['{"id":1}', /must ask for something/],
    ['{"foo":{}}', /must ask for something/],
    ['{"id":1,"__proto__":{"ping":{}}}', /must ask for something/],
    ['{"id":"1","ping":{}}', 'id must be an integer from 0 to 4294967295'],
    ['{"id":-1,"ping":{}}', /^id must be/],
    ['{"id":1.5,"ping":{}}', /^id must be/],
    ['{"id":4294967296,"ping":{}}', /^id must be/],
    ['{"id":1e400,"ping":{}}', /^id must be/],
    ['{"ping":{}}', 'ping needs an id'],
    ['{"id":1,"ping":{},"rpc":{}}', 'a command must ask for one thing, not for ping and rpc'],
    ['{"id":1,"publish":1}', 'publish must be an object'],
    ['{"id":1,"publish":[]}', 'publish must be an object'],
    ['{"id":1,"publish":{"data":1}}', 'publish.channel must be a string that is not empty'],
    ['{"id":1,"publish":{"channel":"","data":1}}', 'publish.channel must be a string that is not empty'],
    ['{"id":1,"publish":{"channel":["c"],"data":1}}', 'publish.channel must be a string'],
    ['{"id":1,"publish":{"channel":"c"}}', 'publish.data must be given: any JSON'],
    ['{"send":{}}', 'send.data must be given: any JSON'],
    ['{"id":1,"subscribe":{"channel":"c","recover":1}}', 'subscribe.recover must be true or false'],
    [
      '{"id":1,"subscribe":{"channel":"c","offset":-1}}',
      'subscribe.offset must be an integer from 0 to 9007199254740991',
    ],
    ['{"id":1,"subscribe":{"channel":"c","offset":1e300}}', /^subscribe.offset must be/],
    ['{"id":1,"connect":{"token":1}}', 'connect.token must be a string'],
    ['{"id":1,"connect":{"subs":[]}}', 'connect.subs must be an object'],
    ['{"id":1,"connect":{"subs":{"c":1}}}', 'connect.subs.c must be an object'],
    ['{"id":1,"connect":{"subs":{"c":{"epoch":1}}}}', 'connect.subs.c.epoch must be a string'],
    ['{"id":1,"refresh":{}}', 'refresh.token must be a string that is not empty'],
    ['{"id":1,"history":{"channel":"c","since":{"offset":"1"}}}', /^history.since.offset must be/],
    ['{"id":1,"history":{"channel":"c","limit":2147483648}}', /^history.limit must be/],
  ])('end the reading, with what would be right: %s', (message, problem) => {
    const reading = read(message);
    expect(reading.commands).toEqual([]);
    expect(reading.problem).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  });

  it('do not take those before them along', () => {
    expect(read('{"id":1,"ping":{}}\nx\n{"id":2,"ping":{}}')).toMatchObject({ commands: [{ id: '1' }] });
  });

  it('are also too many', () => {
    const pings = (count: number) => Array.from({ length: count }, (_, i) => `{"id":${i + 1},"ping":{}}`).join('\n');
    expect(read(pings(10)).problem).toBeUndefined();
    expect(read(pings(11))).toMatchObject({ commands: { length: 10 }, problem: 'more than 10 commands in a message' });
  });

  it('are those that nest too deep for the parsers of others', () => {
    const publish = (depth: number) =>
      read(`{"id":1,"publish":{"channel":"c","data":${'['.repeat(depth)}${']'.repeat(depth)}}}`).problem;
    expect(publish(100)).toBeUndefined();
    expect(publish(101)).toBe('publish.data must be nested no deeper than 100');
    expect(publish(100_000)).toBe('publish.data must be nested no deeper than 100');
  });
});
