import { describe, expect, it } from 'vitest';
import {
  decodeRaceClientMessage,
  decodeRaceMessage,
  decodeRaceServerMessage,
  type RaceServerMessage,
} from '../src/race-messages.ts';

const garbage = [undefined, null, 1, '', 'null', '[]', '1', '"start"', '{', '{}', '{"type":"x"}', new Uint8Array(4)];

describe('what a page sends', () => {
  it.each([
    { type: 'start' },
    { type: 'ping', sent: 1.5 },
    { type: 'settings', rate: 0.2, delay: 0 },
    { type: 'settings', rate: 50, delay: 500 },
  ])('is read as it was meant: %j', (message) => {
    expect(decodeRaceClientMessage(JSON.stringify(message))).toEqual(message);
  });

  it('is brought within the limits', () => {
    const settings = (rate: number, delay: number) =>
      decodeRaceClientMessage(JSON.stringify({ type: 'settings', rate, delay, more: 1 }));
    expect(settings(0, -1)).toEqual({ type: 'settings', rate: 0.2, delay: 0 });
    expect(settings(1e300, 1e300)).toEqual({ type: 'settings', rate: 50, delay: 500 });
  });

  it.each([
    ...garbage,
    '{"type":"ping"}',
    '{"type":"ping","sent":null}',
    '{"type":"settings","rate":"4","delay":0}',
    '{"type":"settings","rate":1e999,"delay":0}',
  ])('is nothing if it is %j', (data) => {
    expect(decodeRaceClientMessage(data)).toBeUndefined();
  });
});

describe('what the server sends', () => {
  const tally = { requests: 1, received: 2, sent: 3, messages: 4, cpu: 5, http: '1.1' };
  const messages: RaceServerMessage[] = [
    { type: 'welcome', run: 'abc', seconds: 300 },
    { type: 'pong', sent: 1, at: 2 },
    { type: 'tally', at: 1, lanes: { polling: tally, 'websocket-h2': { ...tally, http: '2.0' } } },
    { type: 'ended', reason: 'full' },
    { type: 'ended', reason: 'time' },
  ];

  it.each(messages)('is read as it was meant: %j', (message) => {
    expect(decodeRaceServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([...garbage, '{"type":"ended","reason":"x"}', '{"type":"tally","at":1,"lanes":[]}'])(
    'is nothing if it is %j',
    (data) => {
      expect(decodeRaceServerMessage(data)).toBeUndefined();
    },
  );

  it('leaves out lanes that it does not know or that are not whole', () => {
    const lanes = { polling: tally, carrier: tally, stream: { ...tally, cpu: '5' }, events: null };
    expect(decodeRaceServerMessage(JSON.stringify({ type: 'tally', at: 1, lanes }))).toEqual({
      type: 'tally',
      at: 1,
      lanes: { polling: tally },
    });
  });
});

describe('a message of the stream', () => {
  it('has a number and a time', () => {
    expect(decodeRaceMessage('{"n":3,"at":4.5,"says":"x"}')).toEqual({ n: 3, at: 4.5 });
    for (const data of [...garbage, '{"n":1}', '{"n":"1","at":2}']) expect(decodeRaceMessage(data)).toBeUndefined();
  });
});
