import { Client, type IMessage } from '@stomp/stompjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve, signal, tunnels, webSocketOver } from './support/serving.ts';
import { stompEndpoint } from './support/stomp-server.ts';

describe.each(tunnels)('stompjs over a tunnel: %s', (transport) => {
  it('connects, subscribes, sends text and bytes, and disconnects', async () => {
    const disconnected = signal<void>();
    const url = await serve(stompEndpoint(disconnected.happen));
    const { TunnelSocket, made } = webSocketOver(transport);
    const client = new Client({ webSocketFactory: () => new TunnelSocket(url, 'v12.stomp'), reconnectDelay: 0 });
    onTestFinished(() => client.deactivate({ force: true }));
    const connected = new Promise((resolve) => {
      client.onConnect = resolve;
    });
    const closed = new Promise((resolve) => {
      client.onWebSocketClose = ({ wasClean }) => resolve(wasClean);
    });
    client.activate();
    await connected;
    expect(client.connectedVersion).toBe('1.2');

    const heard: IMessage[] = [];
    const all = new Promise<void>((resolve) => {
      client.subscribe('/topic/tide', (message) => {
        heard.push(message);
        if (heard.length === 102) resolve();
      });
    });
    const texts = Array.from({ length: 100 }, (_, i) => `Nachricht ${i} 🌊`);
    for (const body of texts) client.publish({ destination: '/topic/tide', body });
    client.publish({ destination: '/topic/other', body: 'nobody hears this' });
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    client.publish({ destination: '/topic/tide', binaryBody: bytes });
    client.publish({ destination: '/topic/tide', body: 'x'.repeat(200_000) });
    await all;
    expect(heard.slice(0, 100).map(({ body }) => body)).toEqual(texts);
    expect(heard[100]?.binaryBody).toEqual(bytes);
    expect(heard[101]?.body).toBe('x'.repeat(200_000));

    expect(made.map((socket) => [socket.transport, socket.protocol])).toEqual([[transport, 'v12.stomp']]);
    await client.deactivate();
    await disconnected.happened;
    expect(await closed).toBe(true);
  });
});
