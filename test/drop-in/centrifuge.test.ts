import { once } from 'node:events';
import { Centrifuge } from 'centrifuge';
import { describe, expect, it, onTestFinished } from 'vitest';
import { centrifugeEndpoint } from './support/centrifuge-server.ts';
import { serve, signal, tunnels, webSocketOver } from './support/serving.ts';

describe.each(tunnels)('centrifuge-js over a tunnel: %s', (transport) => {
  it('connects, answers pings, subscribes, publishes and disconnects', async () => {
    const pong = signal<void>();
    const url = await serve(centrifugeEndpoint(pong.happen));
    const { TunnelSocket, made } = webSocketOver(transport);
    const join = async () => {
      const client = new Centrifuge(url, { websocket: TunnelSocket });
      onTestFinished(() => client.disconnect());
      const subscription = client.newSubscription('news');
      const heard: unknown[] = [];
      const all = new Promise<unknown[]>((resolve) => {
        subscription.on('publication', ({ data }) => {
          heard.push(data);
          if (heard.length === 100) resolve(heard);
        });
      });
      const subscribed = new Promise((resolve) => subscription.once('subscribed', resolve));
      subscription.subscribe();
      client.connect();
      await subscribed;
      return { client, all };
    };
    const ann = await join();
    const bob = await join();
    const news = Array.from({ length: 100 }, (_, i) => ({ text: `Neuigkeit ${i} 🌊` }));
    await Promise.all(news.map((data) => ann.client.publish('news', data)));
    expect(await ann.all).toEqual(news);
    expect(await bob.all).toEqual(news);
    await pong.happened;
    expect(made.map((socket) => socket.transport)).toEqual([transport, transport]);
    const gone = Promise.all(made.map((socket) => once(socket, 'close')));
    ann.client.disconnect();
    bob.client.disconnect();
    expect((await gone).map(([{ wasClean }]) => wasClean)).toEqual([true, true]);
  });
});
