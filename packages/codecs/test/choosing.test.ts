import { chooseDecoder, type Direction, decoderKinds, type MessageData } from '@tidewire/codecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyMessage, parameters } from './support/arbitrary.ts';

const said = (target: string, subprotocol: string, ...messages: [Direction, MessageData][]) =>
  chooseDecoder({ target, subprotocol, messages: messages.map(([direction, data]) => ({ direction, data })) })?.name;

describe('chooseDecoder', () => {
  it.each([
    ['/socket.io/?EIO=4&transport=websocket', '', 'socket.io'],
    ['/app/key?protocol=7&client=js', '', 'pusher'],
    ['/connection/websocket', '', 'centrifugo'],
    ['/ws', 'v12.stomp', 'stomp'],
    ['/ws', 'centrifuge-json', 'centrifugo'],
    ['/ws', '', undefined],
  ])('knows by %s and %j without a message', (target, subprotocol, name) => {
    expect(said(target, subprotocol)).toBe(name);
  });

  it.each([
    ['0{"sid":"a","upgrades":[],"pingInterval":1,"pingTimeout":1}', 'socket.io'],
    ['{"event":"pusher:connection_established","data":"{}"}', 'pusher'],
    ['CONNECTED\nversion:1.2\n\n\0', 'stomp'],
    ['{"id":1,"connect":{"client":"a","version":"1"}}', 'centrifugo'],
    ['{"event":"moved","data":1}', undefined],
    ['{"id":1}', undefined],
    ['{}', undefined],
    ['2', undefined],
    ['42', undefined],
    ['hello', undefined],
  ])('knows by the first message %j', (message, name) => {
    expect(said('/', '', ['toClient', message])).toBe(name);
  });
});

describe('every decoder', () => {
  it.each(decoderKinds.map((kind) => [kind.title, kind] as const))(
    `of %s takes whatever comes (SEED=${parameters.seed})`,
    (_title, kind) => {
      const message = fc.record({ data: anyMessage, direction: fc.constantFrom<Direction>('toServer', 'toClient') });
      const conversation = fc.record({
        subprotocol: fc.string(),
        target: fc.string(),
        messages: fc.array(message, { maxLength: 8 }),
      });
      fc.assert(
        fc.property(conversation, (each) => {
          const sureness = kind.recognise(each);
          expect(sureness >= 0 && sureness <= 1).toBe(true);
          const decoder = kind.create();
          for (const { data, direction } of each.messages) {
            const decoded = decoder.decode(data, direction);
            if (decoded !== undefined) JSON.stringify(decoded);
          }
        }),
        parameters,
      );
    },
  );
});
