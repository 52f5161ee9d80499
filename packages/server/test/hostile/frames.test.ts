import { constants, deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeFrame, frame, Opcode, RawPeer, upgradeRequest } from '../support/raw-peer.ts';
import { until } from '../support/serving.ts';
import { memoryGrowth, underAttack } from './attack.ts';

/** A header that announces a 64-bit length, with its masking key. */
function longHeader(opcode: number, length: bigint, fin = true): Buffer {
  const header = Buffer.alloc(14);
  header[0] = (fin ? 0x80 : 0) | opcode;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(length, 2);
  return header;
}

const lengths: [bigint, number][] = [
  [2n ** 31n - 1n, 1009],
  [2n ** 31n + 1n, 1009],
  [2n ** 32n, 1009],
  [2n ** 53n - 1n, 1009],
  [2n ** 53n + 1n, 1009],
  [2n ** 63n - 1n, 1009],
  [2n ** 63n, 1002],
  [2n ** 64n - 1n, 1002],
];

describe('a length of 64 bits', () => {
  it.each(lengths)('%d fails the connection at once, wherever it is cut', async (length, code) => {
    const { port, goesOn } = await underAttack();
    const header = longHeader(Opcode.BINARY, length);
    for (let cut = 0; cut <= header.length; cut++) {
      const peer = await RawPeer.open(port);
      peer.send(header.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      peer.send(header.subarray(cut));
      expect(await peer.closeCode()).toBe(code);
      peer.reset();
    }
    await goesOn();
  });

  it.each(lengths)('%d fails the connection on a continuation frame, too', async (length, code) => {
    const { port, goesOn } = await underAttack();
    const peer = await RawPeer.open(port);
    peer.send(frame(Opcode.BINARY, 'begin', { fin: false }), longHeader(Opcode.CONTINUATION, length));
    expect(await peer.closeCode()).toBe(code);
    await goesOn();
  });

  it('costs no memory before its bytes have come', async () => {
    const { port, goesOn } = await underAttack({ limits: { maxMessageSize: 1024 ** 3 } });
    const growth = await memoryGrowth(async () => {
      for (let i = 0; i < 100; i++) {
        const peer = await RawPeer.open(port);
        peer.send(longHeader(Opcode.BINARY, 1024n ** 3n), Buffer.alloc(10));
      }
      await goesOn();
    });
    expect(growth).toBeLessThan(100);
  });
});

describe('fragments', () => {
  it.each([
    ['empty', ''],
    ['of one byte', 'a'],
  ])('without end, %s, fail the connection with 1008', async (_name, payload) => {
    const { port, goesOn, ends } = await underAttack();
    const peer = await RawPeer.open(port);
    const burst = Buffer.concat(Array<Buffer>(10_000).fill(frame(Opcode.CONTINUATION, payload, { fin: false })));
    const growth = await memoryGrowth(async () => {
      peer.send(frame(Opcode.TEXT, 'a', { fin: false }));
      for (let i = 0; i < 100; i++) peer.send(burst);
      expect(await peer.closeCode()).toBe(1008);
    });
    expect(growth).toBeLessThan(100);
    peer.reset();
    await until(() => ends.length === 1);
    expect(ends).toEqual([{ code: 1008, error: 'TOO_MANY_FRAGMENTS' }]);
    await goesOn();
  });

  it('are counted per message: half a million whole messages survive', async () => {
    let received = 0;
    const { port, goesOn, ends } = await underAttack({
      message: (socket, message) => {
        received++;
        if (received > 500_000) socket.send(message);
      },
    });
    const peer = await RawPeer.open(port);
    const burst = Buffer.concat(Array<Buffer>(10_000).fill(frame(Opcode.TEXT, 'a')));
    for (let i = 0; i < 50; i++) peer.send(burst);
    await until(() => received === 500_000);
    expect(ends).toEqual([]);
    await goesOn();
  });

  it('may come byte by byte', async () => {
    const { port, goesOn } = await underAttack();
    const peer = await RawPeer.open(port);
    for (const byte of Buffer.concat([frame(Opcode.TEXT, 'sl', { fin: false }), frame(Opcode.CONTINUATION, 'ow')])) {
      peer.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(String((await peer.frame()).payload)).toBe('slow');
    await goesOn();
  });
});

const NO_TAKEOVER = 'permessage-deflate; client_no_context_takeover; server_no_context_takeover';

function compressed(data: Uint8Array): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

describe('compressed messages', () => {
  const deflate = upgradeRequest('/', { 'Sec-WebSocket-Extensions': NO_TAKEOVER });
  const MiB = 1024 * 1024;
  let bomb: Buffer;
  beforeAll(() => {
    bomb = compressed(Buffer.alloc(512 * MiB));
  });

  it.each(['whole', 'in fragments'])('that inflate a thousandfold fail the connection with 1009: %s', async (how) => {
    const { port, goesOn, ends } = await underAttack({ deflate: true, limits: { maxMessageSize: MiB } });
    expect(bomb.length).toBeLessThan(MiB);
    const growth = await memoryGrowth(async () => {
      for (let i = 0; i < 10; i++) {
        const peer = await RawPeer.open(port, deflate);
        if (how === 'whole') peer.send(frame(Opcode.BINARY, bomb, { rsv: 4 }));
        else {
          peer.send(frame(Opcode.BINARY, bomb.subarray(0, 1000), { rsv: 4, fin: false }));
          peer.send(frame(Opcode.CONTINUATION, bomb.subarray(1000)));
        }
        expect(await peer.closeCode()).toBe(1009);
        peer.reset();
      }
    });
    expect(growth).toBeLessThan(100);
    await until(() => ends.length === 10);
    await goesOn();
  });

  it('may have control frames between their fragments', async () => {
    for (const takeover of [NO_TAKEOVER, 'permessage-deflate']) {
      const { port } = await underAttack({
        deflate: { serverNoContextTakeover: false, clientNoContextTakeover: false, threshold: 1_000_000 },
      });
      const peer = await RawPeer.open(port, upgradeRequest('/', { 'Sec-WebSocket-Extensions': takeover }));
      const data = compressed(Buffer.from('hello '.repeat(10)));
      peer.send(frame(Opcode.TEXT, data.subarray(0, 4), { rsv: 4, fin: false }));
      peer.send(frame(Opcode.PING, 'between'));
      peer.send(frame(Opcode.CONTINUATION, data.subarray(4)));
      expect(await peer.frame()).toMatchObject({ opcode: Opcode.PONG, payload: Buffer.from('between') });
      expect(String((await peer.frame()).payload)).toBe('hello '.repeat(10));
    }
  });

  it('of several final blocks arrive whole', async () => {
    const { port, goesOn } = await underAttack({ deflate: { threshold: 1_000_000 } });
    const peer = await RawPeer.open(port, deflate);
    const blocks = ['one ', 'two ', 'three'].map((text) => deflateRawSync(text));
    peer.send(frame(Opcode.TEXT, Buffer.concat([...blocks, Buffer.of(0)]), { rsv: 4 }));
    expect(String((await peer.frame()).payload)).toBe('one two three');
    await goesOn();
  });

  it('that are no DEFLATE data fail the connection with 1007', async () => {
    const { port, goesOn } = await underAttack({ deflate: true });
    const peer = await RawPeer.open(port, deflate);
    peer.send(frame(Opcode.TEXT, Buffer.alloc(100, 0xff), { rsv: 4 }));
    expect(await peer.closeCode()).toBe(1007);
    await goesOn();
  });
});

describe('frames against the rules', () => {
  it.each<[string, Buffer, number]>([
    ['without a mask', frame(Opcode.TEXT, 'x', { masked: false }), 1002],
    ['with a reserved bit', frame(Opcode.TEXT, 'x', { rsv: 4 }), 1002],
    ['with a reserved opcode', frame(3, 'x'), 1002],
    ['of control, too long', frame(Opcode.PING, Buffer.alloc(126)), 1002],
    ['of control, in fragments', frame(Opcode.PING, 'x', { fin: false }), 1002],
    ['that continue nothing', frame(Opcode.CONTINUATION, 'x'), 1002],
    ['of text that is not UTF-8', frame(Opcode.TEXT, Buffer.of(0xff)), 1007],
    ['of close with one byte', frame(Opcode.CLOSE, Buffer.of(3)), 1002],
    ['of close with the code 1005', closeFrame(1005), 1002],
    ['of close with the code 1006', closeFrame(1006), 1002],
    ['of close with the code 999', closeFrame(999), 1002],
    ['of close with the code 2999', closeFrame(2999), 1002],
    ['of close with the code 65535', closeFrame(65_535), 1002],
    [
      'of close with a reason that is not UTF-8',
      frame(Opcode.CLOSE, Buffer.concat([Buffer.of(3, 0xe8), Buffer.of(0xff)])),
      1007,
    ],
  ])('fail the connection: %s', async (_name, bytes, code) => {
    const { port, goesOn, ends } = await underAttack();
    const peer = await RawPeer.open(port);
    peer.send(bytes, frame(Opcode.TEXT, 'after'));
    expect(await peer.closeCode()).toBe(code);
    expect(await peer.rest()).toHaveLength(0);
    peer.socket.end();
    await until(() => ends.length === 1);
    expect(ends[0]?.code).toBe(code);
    await goesOn();
  });
});
