import { nodePlatform } from '@tidewire/node';
import { type ConnectionOptions, type DeflateAgreement, PreparedBatch, PreparedMessage } from '@tidewire/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { LateCodec } from './late-codec.ts';
import { BINARY, CLOSE, closeBody, Endpoint, frame, PING, promptCodec, TEXT } from './support.ts';

const RSV1 = 4;
const noTakeover: DeflateAgreement = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const large = Array.from({ length: 400 }, (_, i) => Math.imul(i + 1, 2_654_435_761).toString(36)).join(' ');
const deflated = promptCodec.createDeflater(15, false).deflate(Buffer.from(large));

let codec: LateCodec;
beforeEach(() => {
  codec = new LateCodec(1000);
});

function endpoint(role: 'server' | 'client', options: Partial<ConnectionOptions> = {}): Endpoint {
  const platform = { ...nodePlatform, deflate: codec, now: () => 0 };
  return new Endpoint(role, { platform, deflate: noTakeover, compressionThreshold: 100, ...options });
}

/** The opcodes of the unmasked frames in `output`. */
function opcodesOf(output: number[]): number[] {
  const opcodes: number[] = [];
  for (let at = 0; at < output.length; ) {
    opcodes.push((output[at] ?? 0) & 15);
    const length = output[at + 1] ?? 0;
    at += length < 126 ? 2 + length : 4 + (output[at + 2] ?? 0) * 256 + (output[at + 3] ?? 0);
  }
  return opcodes;
}

describe('a message that is inflated later', () => {
  it('keeps everything behind it waiting, and the pipe held, until it is there', () => {
    const server = endpoint('server');
    server.receive(frame(TEXT, deflated, { rsv: RSV1 }), frame(PING, 'p'), frame(TEXT, 'behind'));
    expect([server.messages, server.pings, server.isHeld]).toEqual([[], [], true]);
    server.receive(frame(BINARY, 'further behind'));
    codec.finishAll();
    expect(server.messages.map(String)).toEqual([large, 'behind', 'further behind']);
    expect([server.pings.length, server.isHeld]).toEqual([1, false]);
    expect(server.takeOutput()).toHaveLength(3);
  });

  it('is one of several in a row', () => {
    const server = endpoint('server');
    server.receive(frame(TEXT, deflated, { rsv: RSV1 }), frame(TEXT, deflated, { rsv: RSV1 }), frame(TEXT, 'end'));
    codec.finish(0);
    expect([server.messages.length, server.isHeld]).toEqual([1, true]);
    codec.finish(0);
    expect(server.messages).toEqual([large, large, 'end']);
  });

  it('waits for `resume`, and what its handler pauses waits, too', () => {
    const server = endpoint('server');
    server.receive(frame(TEXT, deflated, { rsv: RSV1 }), frame(TEXT, 'behind'));
    server.connection.pause();
    codec.finishAll();
    expect([server.messages, server.isHeld]).toEqual([[], false]);
    server.onMessage = () => server.connection.pause();
    server.connection.resume();
    expect(server.messages).toEqual([large]);
    server.connection.resume();
    expect(server.messages).toEqual([large, 'behind']);
  });

  it('may be given bytes by its handler, which come after what waits', () => {
    const server = endpoint('server');
    server.receive(frame(TEXT, deflated, { rsv: RSV1 }), frame(TEXT, 'behind'));
    server.onMessage = (data) => {
      if (data === large) server.receive(frame(TEXT, 'last'));
    };
    codec.finishAll();
    expect(server.messages).toEqual([large, 'behind', 'last']);
  });

  it.each([
    ['is too large', deflated, 1009, 'MESSAGE_TOO_BIG'],
    ['is not DEFLATE', Buffer.alloc(1500, 0xff), 1007, 'INVALID_DEFLATE'],
  ])('fails the connection if it %s', (_, data, code, error) => {
    const server = endpoint('server', { limits: { maxMessageSize: 2000 } });
    server.receive(frame(TEXT, data, { rsv: RSV1 }), frame(TEXT, 'behind'));
    codec.finishAll();
    server.connection.gone();
    expect(server.close).toMatchObject({ code, error: { code: error } });
    expect([server.messages, server.hasEnded]).toEqual([[], true]);
  });

  it('is waited for by the end of the stream', () => {
    const server = endpoint('server');
    server.receive(frame(TEXT, deflated, { rsv: RSV1 }));
    server.connection.ended();
    expect(server.connection.state).toBe('OPEN');
    codec.finishAll();
    expect([server.messages, server.connection.state]).toEqual([[large], 'FAILED']);
  });

  it('is cancelled if the connection goes away meanwhile, and the pipe let go', () => {
    for (const leave of ['abandon', 'gone'] as const) {
      const server = endpoint('server');
      server.receive(frame(TEXT, deflated, { rsv: RSV1 }));
      server.connection[leave]();
      expect([codec.underWay, server.messages, server.isHeld]).toEqual([[], [], false]);
    }
  });
});

describe('a message that is compressed later', () => {
  it('keeps what is sent behind it waiting, but for Pings and Pongs', () => {
    const server = endpoint('server');
    expect(server.connection.send(large)).toBe('buffered');
    expect(server.connection.send('behind')).toBe('buffered');
    server.connection.sendPrepared(new PreparedBatch([new PreparedMessage('published', nodePlatform)], nodePlatform));
    const writer = server.connection.startMessage('binary');
    writer.write(Buffer.from('in a fragment'));
    expect(() => server.connection.startMessage('text')).toThrow(/has not ended/);
    server.connection.send('put aside');
    server.connection.ping();
    writer.end();
    expect(server.connection.bufferedAmount).toBe(large.length + 'behindpublishedin a fragmentput aside'.length + 2);
    expect(opcodesOf(server.takeOutput())).toEqual([PING]);
    codec.finishAll();
    expect(server.flushRequests).toBe(2);
    expect(opcodesOf(server.takeOutput())).toEqual([TEXT, TEXT, TEXT, BINARY, 0, TEXT]);
    expect(server.connection.bufferedAmount).toBe(0);
  });

  it('counts towards the limit of what waits', () => {
    const server = endpoint('server', { limits: { maxBufferedAmount: 1000 } });
    server.connection.send(large);
    const writer = server.connection.send('x');
    expect(writer).toBe('refused');
    codec.finishAll();
    server.takeOutput();
    expect(server.connection.send('x')).toBe('written');
  });

  it('lets a message in fragments grow only up to that limit meanwhile', () => {
    const server = endpoint('server', { limits: { maxBufferedAmount: 5000 } });
    const writer = server.connection.startMessage('text');
    server.connection.send(large);
    expect(writer.write('x'.repeat(4000))).toBe('buffered');
    expect(writer.write('x')).toBe('refused');
    codec.finishAll();
    server.takeOutput();
    expect(writer.end('x')).toBe('buffered');
  });

  it('is what was sent, whatever becomes of the bytes that were handed over behind it', () => {
    const server = endpoint('server');
    const client = endpoint('client');
    for (const { connection } of [server, client]) {
      const bytes = Buffer.from('as it was');
      connection.send(large);
      connection.send(bytes);
      bytes.fill('x');
    }
    const huge = Buffer.alloc(70_000, 'as it was');
    client.connection.send(huge);
    huge.fill('x');
    codec.finishAll();
    server.receive(Uint8Array.from(client.takeOutput()));
    client.receive(Uint8Array.from(server.takeOutput()));
    codec.finishAll();
    expect(server.messages.map((message) => String(message).slice(0, 9))).toEqual([
      large.slice(0, 9),
      'as it was',
      'as it was',
    ]);
    expect(client.messages.map(String)).toEqual([large, 'as it was']);
  });

  it('comes before our Close frame, and the end of the stream after that', () => {
    const server = endpoint('server');
    server.connection.send(large);
    server.connection.close(1000);
    expect(server.connection.state).toBe('CLOSE_SENT');
    expect(opcodesOf(server.takeOutput())).toEqual([]);
    server.receive(frame(CLOSE, closeBody(1000)));
    expect([server.connection.state, server.hasEnded]).toEqual(['CLOSE_DONE', false]);
    codec.finishAll();
    expect(server.hasEnded).toBe(true);
    expect(opcodesOf(server.takeOutput())).toEqual([TEXT, CLOSE]);
  });

  it('comes before the Close frame that answers the peer, or what it did wrong', () => {
    for (const input of [frame(CLOSE, closeBody(1000)), frame(TEXT, Uint8Array.of(0xff))]) {
      const server = endpoint('server');
      server.connection.send(large);
      server.connection.send(large);
      server.receive(input);
      codec.finish(0);
      expect(server.hasEnded).toBe(false);
      codec.finish(0);
      expect(server.hasEnded).toBe(true);
      expect(opcodesOf(server.takeOutput())).toEqual([TEXT, TEXT, CLOSE]);
    }
  });

  it('is cancelled, and what waits behind it dropped, if the connection goes away meanwhile', () => {
    const server = endpoint('server');
    server.connection.send(large);
    server.connection.send('behind');
    server.connection.gone();
    expect([codec.underWay, server.takeOutput(), server.flushRequests]).toEqual([[], [], 1]);
  });

  it('goes as it is where there is not the memory to compress it', () => {
    codec.hasMemory = false;
    const server = endpoint('server');
    server.connection.send(large);
    server.connection.sendPrepared(new PreparedBatch([new PreparedMessage(large, nodePlatform)], nodePlatform));
    codec.finishAll();
    const output = server.takeOutput();
    expect(opcodesOf(output)).toEqual([TEXT, TEXT]);
    expect(output[0]).toBe(0x81);
    expect(output[large.length + 4]).toBe(0x81);
  });
});

describe('messages for many connections that are compressed later', () => {
  it('are compressed once for each window size, and reach those who are still there', () => {
    const batch = () =>
      new PreparedBatch(
        [large, 'short', 'of no great length '.repeat(10), `${large} again`].map(
          (text) => new PreparedMessage(text, nodePlatform),
        ),
        nodePlatform,
      );
    const agreements = [15, 15, 15, 10].map((serverMaxWindowBits) => ({ ...noTakeover, serverMaxWindowBits }));
    const servers = agreements.map((deflate) => {
      const platform = { ...nodePlatform, deflate: codec, now: () => 0 };
      return new Endpoint('server', { platform, deflate, compressionThreshold: 100 });
    });
    const first = batch();
    for (const { connection } of servers) {
      expect(connection.sendPrepared(first)).toBe('buffered');
      connection.send('behind');
      expect(connection.bufferedAmount).toBe(first.payloadLength + 6);
    }
    servers[1]?.connection.gone();
    expect(codec.underWay).toHaveLength(4);
    codec.finish(3);
    codec.finish(0);
    expect(servers.map((server) => server.takeOutput().length)).toEqual([0, 0, 0, 0]);
    codec.finishAll();
    expect(servers.map((server) => opcodesOf(server.takeOutput()).length)).toEqual([5, 0, 5, 5]);
    servers[0]?.connection.sendPrepared(first);
    expect(opcodesOf(servers[0]?.takeOutput() ?? [])).toEqual([TEXT, TEXT, TEXT, TEXT]);
    expect(codec.deflated).toBe(6);
  });
});
