import { describe, expect, it } from 'vitest';
import { frame, Opcode, RawPeer } from '../support/raw-peer.ts';
import { until } from '../support/serving.ts';
import { memoryGrowth, underAttack } from './attack.ts';

const MiB = 1024 * 1024;

describe('a flood of pings', () => {
  it('ends in 1008', async () => {
    const { port, goesOn, ends } = await underAttack();
    const peer = await RawPeer.open(port);
    peer.send(Buffer.concat(Array<Buffer>(2000).fill(frame(Opcode.PING, 'x'))));
    expect(await peer.closeCode()).toBe(1008);
    peer.socket.end();
    await until(() => ends.length === 1);
    expect(ends).toEqual([{ code: 1008, error: 'TOO_MANY_CONTROL_FRAMES' }]);
    await goesOn();
  });

  it('from a peer that does not read costs no memory', async () => {
    const { port, goesOn, server } = await underAttack({
      limits: { maxControlFramesPerSecond: Number.POSITIVE_INFINITY },
    });
    const streams: { writableLength: number }[] = [];
    server.on('connection', (stream) => streams.push(stream));
    const peer = await RawPeer.open(port);
    peer.socket.pause();
    const burst = Buffer.concat(Array<Buffer>(10_000).fill(frame(Opcode.PING, Buffer.alloc(125))));
    for (let i = 0; i < 100; i++) {
      peer.send(burst);
      await until(() => peer.socket.writableLength === 0);
    }
    // What waits is what the system does not take any more, and that is not 130 MB.
    expect(streams[0]?.writableLength).toBeLessThan(8 * MiB);
    await goesOn();
  });
});

describe('a peer that does not read', () => {
  it('fills a bounded buffer, however much it makes the server send', async () => {
    const refused: string[] = [];
    const { port, goesOn } = await underAttack({
      limits: { maxBufferedAmount: 2 * MiB },
      message(socket, message) {
        const result = socket.send(message);
        if (result === 'refused') refused.push(result);
      },
    });
    const peer = await RawPeer.open(port);
    peer.socket.pause();
    const message = frame(Opcode.BINARY, Buffer.alloc(MiB));
    const growth = await memoryGrowth(async () => {
      for (let i = 0; i < 200; i++) {
        peer.send(message);
        await until(() => peer.socket.writableLength === 0);
      }
    });
    expect(refused.length).toBeGreaterThan(100);
    expect(growth).toBeLessThan(150);
    await goesOn();
  });
});
