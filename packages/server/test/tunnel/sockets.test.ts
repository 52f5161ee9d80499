import type { CloseDetails, Socket } from '@tidewire/server';
import { describe, expect, it } from 'vitest';
import { closeFrame, frame, Opcode } from '../support/raw-peer.ts';
import { serve, signal } from '../support/serving.ts';
import { ack, bytesOf, data, TunnelPeer } from '../support/tunnel-peer.ts';

interface Closed extends CloseDetails {
  readonly code: number;
  readonly reason: string;
}

function closing() {
  const closed = signal<Closed>();
  const close = (_: Socket, code: number, reason: string, details: CloseDetails) =>
    closed.happen({ code, reason, ...details });
  return { closed: closed.happened, close };
}

describe('a socket over a tunnel', () => {
  it('is open for the application at once, and gets what the application sends then', async () => {
    const { port } = await serve({ open: (socket) => socket.send('welcome') });
    const peer = await TunnelPeer.open(port);
    expect(bytesOf(await peer.ask('WAIT', ack(0))).toString('latin1', 2)).toBe('welcome');
  });

  it('closes in order', async () => {
    const { closed, close } = closing();
    const { port, endpoint } = await serve({ close });
    const peer = await TunnelPeer.open(port);
    const frames = closeFrame(4000, 'enough');
    const answer = await peer.ask('TAKE', ack(0), data(0, frames));
    expect(bytesOf(answer)).toEqual(Buffer.from([0x88, 2, 0x0f, 0xa0]));
    expect(await peer.ask('WAIT', ack(4))).toContainEqual({ type: 'END', offset: 4 });
    await peer.ask('SEND', ack(5), { type: 'END', offset: frames.length });
    expect(await closed).toEqual({ code: 4000, reason: 'enough', wasClean: true, error: undefined });
    expect(endpoint.connectionCount).toBe(0);
    expect((await peer.post(peer.body('SEND'))).status).toBe(404);
  });

  it('that the application cuts is told so in the answer that is held', async () => {
    const { closed, close } = closing();
    const { port, endpoint } = await serve({ close });
    const peer = await TunnelPeer.open(port);
    const stream = await peer.stream(ack(0));
    for (const socket of endpoint.sockets) socket.terminate();
    await stream.until('RESET');
    expect(await closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('that the client drops is closed with 1006, and says why', async () => {
    const { closed, close } = closing();
    const { port } = await serve({ close });
    const peer = await TunnelPeer.open(port);
    await peer.ask('SEND', { type: 'RESET' });
    expect(await closed).toMatchObject({ code: 1006, error: { name: 'TunnelError', code: 'RESET' } });
  });

  it('of which nothing is heard is gone after the grace time', async () => {
    const { closed, close } = closing();
    const { port } = await serve({ close, tunnel: { graceTime: 1000 } });
    await TunnelPeer.open(port);
    expect(await closed).toMatchObject({ code: 1006, error: { code: 'LOST' } });
  });

  it('is closed with 1001 when the endpoint drains', async () => {
    const { port, endpoint } = await serve({});
    const peer = await TunnelPeer.open(port);
    const stream = await peer.stream(ack(0));
    const drained = endpoint.close();
    expect((await stream.bytes(4)).subarray(0, 4)).toEqual(Buffer.from([0x88, 2, 0x03, 0xe9]));
    const answer = closeFrame(1001);
    await peer.ask('SEND', ack(4), data(0, answer), { type: 'END', offset: answer.length });
    await stream.until('END');
    await peer.ask('SEND', ack(5));
    await drained;
  });

  it('has backpressure: `send` says that it waits, and `drain` that it does not any more', async () => {
    const drained = signal();
    const { port, endpoint } = await serve({ drain: () => drained.happen() });
    const peer = await TunnelPeer.open(port);
    const stream = await peer.stream(ack(0, 1000));
    await stream.until('ACK');
    const [socket] = endpoint.sockets;
    socket?.send(new Uint8Array(5000).fill(7));
    expect((await stream.bytes(1000)).length).toBe(1000);
    expect(socket?.send('more')).toBe('buffered');
    expect(socket?.bufferedAmount).toBeGreaterThan(4000);
    await peer.ask('SEND', ack(1000, 100_000));
    await drained.happened;
    expect(socket?.bufferedAmount).toBe(0);
    expect((await stream.bytes(5010)).subarray(4).subarray(0, 5000)).toEqual(Buffer.alloc(5000, 7));
  });

  it('keeps the bytes that it has sent as they were, for when they have to be sent again', async () => {
    const { port, endpoint } = await serve({});
    const peer = await TunnelPeer.open(port);
    const [socket] = endpoint.sockets;
    const message = new Uint8Array(70_000).fill(1);
    socket?.send(message);
    await peer.ask('TAKE', ack(0));
    message.fill(2);
    const again = bytesOf(await peer.ask('TAKE', ack(0)));
    expect(again.subarray(10)).toEqual(Buffer.alloc(again.length - 10, 1));
  });

  it('that is paused lets the client send a window, and no more', async () => {
    const received: number[] = [];
    const { port, endpoint } = await serve({
      tunnel: { window: 16_384 },
      message: (_, message) => void received.push(message.length),
    });
    const peer = await TunnelPeer.open(port);
    const [socket] = endpoint.sockets;
    socket?.pause();
    const message = frame(Opcode.BINARY, new Uint8Array(16_000));
    let sent = 0;
    for (;;) {
      const [, answer] = await peer.ask('SEND', data(sent, message));
      sent += message.length;
      if (answer?.type === 'ACK' && answer.limit < sent + message.length) break;
      expect(sent).toBeLessThan(1_000_000);
    }
    expect(received).toEqual([]);
    socket?.resume();
    await peer.ask('SEND');
    expect(received.length).toBe(sent / message.length);
  });
});
