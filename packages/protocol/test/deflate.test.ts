import { constants, deflateRawSync } from 'node:zlib';
import { nodePlatform } from '@tidewire/node';
import { type DeflateAgreement, PreparedBatch, PreparedMessage, portablePlatform } from '@tidewire/protocol';
import { describe, expect, it } from 'vitest';
import { BINARY, CONTINUATION, Endpoint, exchange, frame, PING, TEXT } from './support.ts';

const RSV1 = 4;
const agreement = (change: Partial<DeflateAgreement> = {}): DeflateAgreement => ({
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
  ...change,
});
const noTakeover = agreement({ serverNoContextTakeover: true, clientNoContextTakeover: true });

function pair(deflate: DeflateAgreement, options = {}) {
  const both = { deflate, compressionThreshold: 0, ...options };
  return { server: new Endpoint('server', both), client: new Endpoint('client', both) };
}

const compress = (text: string) => deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

describe('permessage-deflate', () => {
  it.each([
    ['with context takeover', agreement()],
    ['without context takeover', noTakeover],
    ['with the server taking over only', agreement({ clientNoContextTakeover: true })],
    ['with windows of 512 bytes', agreement({ serverMaxWindowBits: 9, clientMaxWindowBits: 9 })],
  ])('carries messages both ways %s', (_, deflate) => {
    const { server, client } = pair(deflate);
    const messages = ['', 'a', 'tidewire '.repeat(500), Buffer.from('tidewire '.repeat(9000)), 'tidewire '.repeat(500)];
    let wire = 0;
    for (const message of messages) {
      server.connection.send(message);
      client.connection.send(message);
      wire += server.connection.bufferedAmount;
      exchange(server, client);
    }
    expect(server.connection.deflate).toBe(deflate);
    expect(server.messages.map(String)).toEqual(messages.map(String));
    expect(client.messages.map(String)).toEqual(messages.map(String));
    expect(wire).toBeLessThan(2500);
  });

  it('refers to earlier messages only where context is taken over', () => {
    const text = Array.from({ length: 200 }, (_, i) => Math.imul(i + 1, 2654435761).toString(36)).join(' ');
    const sizes = [agreement(), noTakeover].map((deflate) => {
      const { server } = pair(deflate);
      server.connection.send(text);
      server.takeOutput();
      server.connection.send(text);
      return server.takeOutput().length;
    });
    expect(sizes[0]).toBeLessThan(60);
    expect(sizes[1]).toBeGreaterThan(500);
  });

  it('leaves messages below the threshold alone, and those that are told to be', () => {
    const { server } = pair(noTakeover, { compressionThreshold: 100 });
    server.connection.send('a'.repeat(99));
    expect(server.takeOutput()[0]).toBe(0x81);
    server.connection.send('a'.repeat(100));
    expect(server.takeOutput()[0]).toBe(0xc1);
    // 40 characters, but 120 bytes.
    server.connection.send('€'.repeat(40));
    expect(server.takeOutput()[0]).toBe(0xc1);
    server.connection.send('a'.repeat(40));
    expect(server.takeOutput()[0]).toBe(0x81);
    server.connection.send(Buffer.alloc(100));
    expect(server.takeOutput()[0]).toBe(0xc2);
    server.connection.send('a'.repeat(100), { compress: false });
    server.connection.send(Buffer.alloc(100), { compress: false });
    const output = server.takeOutput();
    expect([output[0], output[102]]).toEqual([0x81, 0x82]);
  });

  it('sends as it is what does not become smaller, unless later messages may refer to it', () => {
    const noise = Buffer.alloc(64);
    nodePlatform.randomFill(noise);
    expect(pair(noTakeover).server.connection.send(noise)).toBe('written');
    for (const [deflate, first] of [
      [noTakeover, 0x82],
      [agreement(), 0xc2],
    ] as const) {
      const { server } = pair(deflate);
      server.connection.send(noise);
      expect(server.takeOutput()[0]).toBe(first);
    }
  });

  it('takes a compressed message in fragments, with a Ping between them', () => {
    for (const deflate of [agreement(), noTakeover]) {
      const { server } = pair(deflate);
      const data = compress('compressed in fragments, fragments, fragments');
      server.receive(
        frame(TEXT, data.subarray(0, 5), { rsv: RSV1, fin: false }),
        frame(PING, 'p'),
        frame(CONTINUATION, data.subarray(5, 6), { fin: false }),
        frame(CONTINUATION, data.subarray(6)),
        frame(TEXT, 'not compressed'),
        frame(BINARY, compress('binary'), { rsv: RSV1 }),
      );
      expect(server.messages.map(String)).toEqual([
        'compressed in fragments, fragments, fragments',
        'not compressed',
        'binary',
      ]);
      expect(server.pings).toHaveLength(1);
    }
  });

  it('fails for text that is not UTF-8 once inflated', () => {
    const { server } = pair(noTakeover);
    const data = deflateRawSync(Buffer.from([0xc3, 0x28]), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    server.receive(frame(TEXT, data, { rsv: RSV1 }));
    server.connection.gone();
    expect(server.close?.error?.code).toBe('INVALID_UTF8');
  });

  it('stops inflating at the limit, whole or in fragments', () => {
    const bomb = compress('\0'.repeat(10_000_000));
    expect(bomb.length).toBeLessThan(11_000);
    for (const input of [
      [frame(BINARY, bomb, { rsv: RSV1 })],
      [frame(BINARY, bomb.subarray(0, 100), { rsv: RSV1, fin: false }), frame(CONTINUATION, bomb.subarray(100))],
    ]) {
      const { server } = pair(noTakeover, { limits: { maxMessageSize: 100_000 } });
      server.receive(...input);
      server.connection.gone();
      expect(server.close).toMatchObject({ code: 1009, error: { code: 'MESSAGE_TOO_BIG' } });
    }
  });

  it('accepts a message of just the limit that compression made larger', () => {
    const noise = Buffer.alloc(100_000);
    nodePlatform.randomFill(noise);
    const { server, client } = pair(agreement(), { limits: { maxMessageSize: 100_000 } });
    client.connection.send(noise);
    exchange(server, client);
    expect(server.messages[0]?.length).toBe(100_000);
  });

  it('needs a codec', () => {
    const { connection } = new Endpoint('server', { platform: portablePlatform, stayConnecting: true });
    expect(() => connection.open(noTakeover)).toThrow(/no codec/);
  });
});

describe('a prepared message', () => {
  it.each(['wave after wave '.repeat(10), Buffer.from('wave after wave '.repeat(10)), Buffer.alloc(100_000)])(
    'arrives at everybody, whatever was negotiated',
    (data) => {
      const prepared = new PreparedMessage(data, nodePlatform);
      const message = new PreparedBatch([prepared], nodePlatform);
      expect(prepared.type).toBe(typeof data === 'string' ? 'text' : 'binary');
      for (const deflate of [
        undefined,
        agreement(),
        noTakeover,
        agreement({ serverNoContextTakeover: true, serverMaxWindowBits: 10 }),
      ]) {
        const options = { compressionThreshold: 100, ...(deflate && { deflate }) };
        const server = new Endpoint('server', options);
        const client = new Endpoint('client', options);
        expect(server.connection.sendPrepared(message)).toBe('written');
        server.connection.sendPrepared(message, { compress: false });
        client.connection.sendPrepared(message);
        exchange(server, client);
        expect(client.messages.map(String)).toEqual([String(data), String(data)]);
        expect(server.messages.map(String)).toEqual([String(data)]);
        expect(server.connection.sendPrepared(message)).toBe('written');
        server.connection.close();
        expect(server.connection.sendPrepared(message)).toBe('closed');
      }
    },
  );

  it('is framed once, and compressed once per window size', () => {
    const message = new PreparedMessage('x'.repeat(70_000), nodePlatform);
    const [one, two] = [new Endpoint('server'), new Endpoint('server')];
    for (const server of [one, two]) {
      server.connection.sendPrepared(new PreparedBatch([message], nodePlatform));
      server.connection.flush();
    }
    expect(one.written[0]).toBe(two.written[0]);
    const deflater = nodePlatform.deflate?.createDeflater(12, false);
    if (deflater === undefined) throw new Error('Node has zlib');
    const frameOf12 = message.deflatedFrame(12, deflater);
    expect(message.deflatedFrame(12, deflater)).toBe(frameOf12);
    expect(message.deflatedFrame(11, deflater)).not.toBe(frameOf12);
  });

  it('goes with others, in order, each compressed or not by its own size', () => {
    const texts = ['short', 'long enough to be compressed '.repeat(10), 'short again'];
    const batch = new PreparedBatch(
      texts.map((text) => new PreparedMessage(text, nodePlatform)),
      nodePlatform,
    );
    for (const deflate of [undefined, agreement(), noTakeover]) {
      const options = { compressionThreshold: 100, ...(deflate && { deflate }) };
      const [server, second, client] = [
        new Endpoint('server', options),
        new Endpoint('server', options),
        new Endpoint('client', options),
      ];
      server.connection.send('before');
      server.connection.sendPrepared(batch);
      server.connection.send('after');
      exchange(server, client);
      expect(client.messages).toEqual(['before', ...texts, 'after']);
      second.connection.sendPrepared(batch);
      expect(second.connection.bufferedAmount).toBeLessThan(deflate ? 100 : 400);
    }
  });

  it('goes uncompressed if it would become larger', () => {
    const noise = Buffer.alloc(64);
    nodePlatform.randomFill(noise);
    const { server } = pair(noTakeover);
    server.connection.sendPrepared(new PreparedBatch([new PreparedMessage(noise, nodePlatform)], nodePlatform));
    expect(server.takeOutput()[0]).toBe(0x82);
  });
});
