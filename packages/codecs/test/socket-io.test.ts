import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket } from '@tidewire/client';
import {
  joinSocketIo,
  readEngineIo,
  readSocketIo,
  type SocketIoPacket,
  SocketIoReader,
  type SocketIoValue,
  socketIoDecoder,
  writeEngineIo,
  writeSocketIo,
  writeSocketIoMessages,
} from '@tidewire/codecs';
import fc from 'fast-check';
import { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { anyBytes, anyJson, anyObject, anyText, parameters } from './support/arbitrary.ts';

const namespace = fc.constantFrom('/', '/admin', '/a/b?c');
/** What has a placeholder of its own is not told from what we have put there. */
const value: fc.Arbitrary<SocketIoValue> = fc
  .oneof(
    anyJson,
    anyBytes,
    fc.record({ file: anyBytes, more: fc.array(fc.oneof(anyJson, anyBytes), { maxLength: 3 }) }),
  )
  .filter((each) => !JSON.stringify(each).includes('_placeholder'));
const args = fc.array(value, { maxLength: 3 });
const id = fc.nat();
const packet: fc.Arbitrary<SocketIoPacket> = fc.oneof(
  fc.record({ type: fc.constant('CONNECT' as const), namespace, data: anyObject }),
  fc.record({ type: fc.constant('CONNECT' as const), namespace }),
  fc.record({ type: fc.constant('DISCONNECT' as const), namespace }),
  fc.record({ type: fc.constant('CONNECT_ERROR' as const), namespace, data: anyObject }),
  fc.record({ type: fc.constant('EVENT' as const), namespace, event: anyText, args }),
  fc.record({ type: fc.constant('EVENT' as const), namespace, event: anyText, args, id }),
  fc.record({ type: fc.constant('ACK' as const), namespace, args, id }),
);

describe('Socket.IO', () => {
  it(`reads what it has written, attachments in their places (SEED=${parameters.seed})`, () => {
    fc.assert(
      fc.property(packet, (each) => {
        const reader = new SocketIoReader();
        const read = writeSocketIoMessages(each).map((message) => reader.read(message));
        expect(read.at(-1)).toMatchObject({ type: 'packet', packet: each });
      }),
      parameters,
    );
  });

  it('reads every prefix of a packet without a throw', () => {
    fc.assert(
      fc.property(packet, fc.nat(), (each, cut) => {
        const [text] = writeSocketIo(each);
        const { value, problem } = readSocketIo(text.slice(0, cut % (text.length + 1)));
        expect((value === undefined) !== (problem === undefined)).toBe(true);
      }),
      parameters,
    );
  });

  it('writes bytes that have a JSON form of their own as attachments', () => {
    const event = { type: 'EVENT', namespace: '/', event: 'file', args: [Buffer.from([1, 2])] } as const;
    expect(writeSocketIo(event)).toEqual(['51-["file",{"_placeholder":true,"num":0}]', Buffer.from([1, 2])]);
  });

  it.each([
    ['', 'begin with a digit'],
    ['9', 'begin with a digit'],
    ['2', 'array that begins with its name'],
    ['2[]', 'array that begins with its name'],
    ['2[null]', 'name is no string'],
    ['2{"a":1}', 'array that begins with its name'],
    ['3["no id"]', 'without an id'],
    ['312', 'without an array'],
    ['0[]', 'no object'],
    ['1{}', 'DISCONNECT with data'],
    ['4', 'neither an object nor a string'],
    ['5["a"]', 'number of attachments'],
    ['21-["a"]', 'number of attachments'],
    ['51000000-["a"]', 'more than 1000 attachments'],
    ['2["a"', 'no JSON'],
  ])('says what is wrong with %j', (text, problem) => {
    expect(readSocketIo(text).problem).toContain(problem);
  });

  it('says that JSON is too deep', () => {
    expect(readSocketIo(`2["a",${'['.repeat(1000)}`).problem).toContain('deeper than 500');
  });

  it('names placeholders without an attachment, and takes none for a name of objects', () => {
    const args = [{ _placeholder: true, num: 'constructor' }];
    const joined = joinSocketIo({ type: 'EVENT', namespace: '/', event: 'a', args }, []);
    expect(joined.problem).toBe('a placeholder for an attachment that is not there');
  });

  it('goes on after a packet in place of an attachment, and after bytes that nobody announced', () => {
    const reader = new SocketIoReader();
    reader.read('451-["a",{"_placeholder":true,"num":0}]');
    expect(reader.read('42["b"]')).toMatchObject({ type: 'problem' });
    expect(reader.read(new Uint8Array(1))).toMatchObject({ type: 'problem' });
    expect(reader.read('42["c"]')).toMatchObject({ type: 'packet', packet: { event: 'c' } });
  });

  it.each(['namespace', 'id'])('refuses to write a packet with a wrong %s', (name) => {
    const wrong = { type: 'ACK', namespace: '/', id: 1, args: [], [name]: name === 'id' ? -1 : 'a,b' } as const;
    expect(() => writeSocketIo(wrong)).toThrow(name);
  });
});

describe('a viewer of Socket.IO', () => {
  it('finds no fault with a message of which it has the beginning only', () => {
    const [cut] = socketIoDecoder.create().decode('42["moved",{"x":', 'toServer', true) ?? [];
    expect(cut).toMatchObject({ fields: [['message', 'only its beginning is here']], problem: undefined });
  });
});

describe('Engine.IO', () => {
  it('reads what it has written', () => {
    const handshake = { sid: 'x', upgrades: ['websocket'], pingInterval: 1, pingTimeout: 2, maxPayload: 3 };
    for (const each of [
      { type: 'open', handshake },
      { type: 'ping', data: 'probe' },
      { type: 'pong', data: '' },
      { type: 'message', data: 'hello' },
      { type: 'message', data: Uint8Array.of(1) },
      { type: 'close' },
      { type: 'upgrade' },
      { type: 'noop' },
    ] as const)
      expect(readEngineIo(writeEngineIo(each))).toEqual({ value: each });
  });

  it('reads bytes in base64', () => {
    expect(readEngineIo('bAQID')).toEqual({ value: { type: 'message', data: Uint8Array.of(1, 2, 3) } });
    expect(readEngineIo('b!').problem).toBeDefined();
  });
});

describe('a conversation with socket.io', () => {
  it('is understood in both directions', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const io = new Server(http, { transports: ['websocket'] });
    io.of('/admin').on('connection', (socket) => {
      socket.on('sum', (a: number, b: Uint8Array, answer: (sum: unknown) => void) => answer({ sum: a, bytes: b }));
    });
    const address = http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const socket = new WebSocket(`ws://127.0.0.1:${address.port}/socket.io/?EIO=4&transport=websocket`);
    socket.binaryType = 'arraybuffer';
    const decoder = socketIoDecoder.create();
    const kinds: string[] = [];
    const reader = new SocketIoReader();
    const answer = await new Promise<SocketIoPacket>((resolve) => {
      socket.onmessage = ({ data }: MessageEvent) => {
        const message = typeof data === 'string' ? data : new Uint8Array(data);
        kinds.push(...(decoder.decode(message, 'toClient') ?? []).map(({ kind }) => kind));
        const read = reader.read(message);
        const send = (packet: SocketIoPacket) => {
          for (const each of writeSocketIoMessages(packet)) socket.send(each);
        };
        if (read.type === 'engine') send({ type: 'CONNECT', namespace: '/admin' });
        if (read.type !== 'packet') return;
        if (read.packet.type === 'ACK') resolve(read.packet);
        else send({ type: 'EVENT', namespace: '/admin', event: 'sum', args: [7, Uint8Array.of(1, 2)], id: 12 });
      };
    });
    expect(answer).toEqual({
      type: 'ACK',
      namespace: '/admin',
      id: 12,
      args: [{ sum: 7, bytes: Uint8Array.of(1, 2) }],
    });
    expect(kinds).toEqual(['open', 'CONNECT', 'BINARY_ACK', 'BINARY_ACK']);
    socket.close();
    await io.close();
  });
});
