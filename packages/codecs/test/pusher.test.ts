import { pusherConnection, pusherDecoder, pusherErrorMeaning, readPusher, writePusher } from '@tidewire/codecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyJson, anyText, parameters } from './support/arbitrary.ts';

const established =
  '{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"1.2\\",\\"activity_timeout\\":120}"}';

describe('Pusher', () => {
  it(`reads what it has written, with data in a string or not (SEED=${parameters.seed})`, () => {
    const packet = fc.record({
      event: anyText.filter((text) => text !== ''),
      channel: fc.option(anyText, { nil: undefined }),
      // A string that is JSON is taken for JSON in a string.
      data: fc.option(
        anyJson.filter((each) => typeof each !== 'string'),
        { nil: undefined },
      ),
      userId: fc.option(anyText, { nil: undefined }),
      isDataText: fc.boolean(),
    });
    fc.assert(
      fc.property(packet, (each) => {
        const isDataText = each.isDataText && each.data !== undefined;
        expect(readPusher(writePusher(each))).toEqual({ value: { ...each, isDataText } });
      }),
      parameters,
    );
  });

  it('reads every prefix of a message without a throw', () => {
    for (let end = 0; end < established.length; end++)
      expect(readPusher(established.slice(0, end)).problem).toBeDefined();
  });

  it('knows what a connection is told first', () => {
    const { value } = readPusher(established);
    expect(value && pusherConnection(value)).toEqual({ socketId: '1.2', activityTimeout: 120 });
  });

  it('leaves data that are text as they are', () => {
    expect(readPusher('{"event":"a","data":"plain"}').value).toMatchObject({ data: 'plain', isDataText: false });
  });

  it.each(['', '1', '[]', '{}', '{"event":1}', '{"event":"a","channel":2}'])('says what is wrong with %j', (text) => {
    expect(readPusher(text).problem).toBeDefined();
  });

  it('says what codes mean, and what to do', () => {
    expect(pusherErrorMeaning(4001)).toBe('no such application; do not connect again as before');
    expect(pusherErrorMeaning(4150)).toBe('connect again after a second or more');
    expect(pusherErrorMeaning(4301)).toContain('too fast');
    expect(pusherErrorMeaning(1000)).toBeUndefined();
  });

  it('shows the channel, the members and the meaning of codes', () => {
    const decoder = pusherDecoder.create();
    const said = (text: string) => decoder.decode(text, 'toClient')?.[0];
    expect(said('{"event":"pusher:subscribe","data":{"channel":"a"}}')).toMatchObject({
      kind: 'pusher:subscribe',
      about: 'a',
    });
    const members = { presence: { count: 2, ids: ['1', '2'], hash: {} } };
    const subscribed = writePusher({
      event: 'pusher_internal:subscription_succeeded',
      channel: 'presence-a',
      data: members,
      isDataText: true,
    });
    expect(said(subscribed)?.fields).toContainEqual(['members', '2']);
    expect(said('{"event":"pusher:error","data":{"code":4009,"message":"x"}}')?.fields[0]?.[1]).toContain(
      'not authorized',
    );
    expect(said('{"no":"event"}')).toBeUndefined();
    expect(decoder.decode(new Uint8Array(3), 'toClient')).toBeUndefined();
  });
});
