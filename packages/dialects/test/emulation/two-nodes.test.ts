import { MemoryNetwork } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { connected, event, subscribed, type Transport } from '../support/sdk.ts';
import { type Serving, serve } from '../support/serving.ts';

// Streams on one node, commands to another: a balancer in front of both needs to remember nobody.

async function serveTwo(): Promise<readonly [Serving, Serving]> {
  const network = new MemoryNetwork();
  return [await serve({ network }), await serve({ network })];
}

describe.each<Transport>(['http_stream', 'sse'])(
  'commands to another node than that of the stream, over %s',
  (transport) => {
    it('are done, and answered over the stream', async () => {
      const [one, other] = await serveTwo();
      one.hub.rpc('where', () => 'one');
      other.hub.rpc('where', () => 'other');
      const client = await connected(one, { data: 'ann' }, transport, other);
      expect(await client.rpc('where', undefined)).toEqual({ data: 'one' });
      const { received, until } = await subscribed(client, 'chat:lobby');
      expect(one.hub.connectionCount).toBe(1);
      expect(other.hub.connectionCount).toBe(0);
      await client.publish('chat:lobby', 'from the client');
      await other.hub.publish('chat:lobby', 'from the other node');
      await until(2);
      expect(received).toEqual(['from the client', 'from the other node']);
    });

    it('go on after the stream has been cut, without a gap', async () => {
      const [one, other] = await serveTwo();
      const client = await connected(one, {}, transport, other);
      const { received, until } = await subscribed(client, 'chat:lobby');
      const away = event(client, 'connecting');
      one.cut();
      await away;
      await other.hub.publish('chat:lobby', 1);
      await until(1);
      await client.publish('chat:lobby', 2);
      await until(2);
      expect(received).toEqual([1, 2]);
    });

    it('answer pings', async () => {
      const network = new MemoryNetwork();
      const answered: string[] = [];
      const observer = { pongReceived: (by: string) => void answered.push(by) };
      const one = await serve({ network, sessions: { pingInterval: 1000, pongTimeout: 900, observer } });
      const other = await serve({ network });
      const client = await connected(one, {}, transport, other);
      while (answered.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(answered).toEqual([transport, transport]);
      expect(client.state).toBe('connected');
    });

    it('tell the client to begin anew when its node is gone', async () => {
      const [one, other] = await serveTwo();
      const client = await connected(one, {}, transport, other);
      const away = event(client, 'connecting');
      await one.hub.stop();
      await away;
    });
  },
);
