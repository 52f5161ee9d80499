import {
  chooseDecoder,
  type Direction,
  decoderKinds,
  type MessageData,
  writeCbor,
  writeMessagePack,
} from '@tidewire/codecs';
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
    ['/ws', 'mqtt', 'mqtt'],
    ['/ws', 'graphql-transport-ws', 'graphql-transport-ws'],
    ['/ws', 'graphql-ws', 'graphql-ws'],
    ['/ws', '', undefined],
  ])('knows by %s and %j without a message', (target, subprotocol, name) => {
    expect(said(target, subprotocol)).toBe(name);
  });

  it.each([
    ['0{"sid":"a","upgrades":[],"pingInterval":1,"pingTimeout":1}', 'socket.io'],
    ['{"event":"pusher:connection_established","data":"{}"}', 'pusher'],
    ['CONNECTED\nversion:1.2\n\n\0', 'stomp'],
    ['{"id":1,"connect":{"client":"a","version":"1"}}', 'centrifugo'],
    ['{"type":"connection_init"}', 'graphql-transport-ws'],
    ['{"jsonrpc":"2.0","method":"a"}', 'json-rpc'],
    ['{"event":"moved","data":1}', 'json'],
    ['{"id":1,"method":"a"}', 'json'],
    ['{"type":"ping"}', 'json'],
    [writeMessagePack({ height: 3 }), 'msgpack'],
    [writeCbor({ height: 3 }), 'cbor'],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), 'image'],
    [Uint8Array.of(0x08, 0x96, 0x01), undefined],
    ['{}', undefined],
    ['2', undefined],
    ['42', undefined],
    ['hello', undefined],
  ])('knows by the first message %j', (message, name) => {
    expect(said('/', '', ['toClient', message])).toBe(name);
  });

  it('knows MQTT by its CONNECT, and the older GraphQL by what it starts with', () => {
    const connect = Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 97);
    expect(said('/', '', ['toServer', connect])).toBe('mqtt');
    const start = '{"type":"start","id":"1","payload":{"query":"{a}"}}';
    expect(said('/', '', ['toServer', '{"type":"connection_init"}'], ['toServer', start])).toBe('graphql-ws');
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
