import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { RedisServer } from '../servers/redis.ts';
import { balancer } from './balancer.ts';
import { Application, serve, token, type Visit } from './centrifuge-support.ts';
import { chromiumPath } from './support.ts';

const redisPath = inject('redis-server');

describe.skipIf(chromiumPath === '' || redisPath === '')(
  'the SDK of Centrifugo in Chromium, with two nodes and no WebSocket',
  { timeout: 60_000 },
  () => {
    let application: Application;

    beforeAll(async () => {
      application = await Application.start();
    });

    afterAll(() => application?.stop());

    /** Two nodes, to which a balancer sends requests without a thought of who has made them. */
    async function start() {
      const redis = await RedisServer.start(redisPath);
      onTestFinished(() => redis.close());
      const configuration = { engine: { type: 'redis', redis: { url: redis.url } } };
      const nodes = await Promise.all([
        serve(application.origin, configuration),
        serve(application.origin, configuration),
      ]);
      const between = await balancer({ streams: nodes[0].port, others: nodes[1].port });
      const base = `127.0.0.1:${between.port}`;
      const enter = (user: string, ...transports: readonly ('http_stream' | 'sse')[]): Promise<Visit> =>
        application.visit({
          endpoint: [
            { transport: 'websocket', endpoint: `ws://${base}/connection/websocket` },
            ...transports.map((transport) => ({ transport, endpoint: `http://${base}/connection/${transport}` })),
          ],
          options: { token: token(user), emulationEndpoint: `http://${base}/emulation` },
          joinLeave: true,
        });
      return { nodes, between, enter };
    }

    it.each(['http_stream', 'sse'] as const)('does everything by %s', async (transport) => {
      const { nodes, between, enter } = await start();
      const ann = await enter('ann', transport);
      await ann.hears(['connected', transport], ['subscribed']);
      expect(between.refused).toBeGreaterThan(0);
      between.to.streams = nodes[1].port;
      between.to.others = nodes[0].port;
      const bob = await enter('bob', transport);
      await bob.hears(['connected', transport], ['subscribed']);
      await ann.hears(['join', 'bob']);

      await bob.page.evaluate(() => window.sdk.subscription.publish('from bob'));
      await nodes[0].publish('chat:lobby', 'from a backend');
      for (const visit of [ann, bob]) await visit.has('from bob', 'from a backend');
      const seen = await ann.page.evaluate(async () => {
        const { numClients } = await window.sdk.subscription.presenceStats();
        const { publications } = await window.sdk.subscription.history({ limit: 10 });
        return [numClients, publications.length];
      });
      expect(seen).toEqual([2, 2]);
      // Each of Bob's commands went to the node that does not have his stream.
      const [stream, ...commands] = between.passed.slice(
        between.passed.findLastIndex(([path]) => path.startsWith('/connection/')),
      );
      expect(stream).toEqual([`/connection/${transport}`, nodes[1].port]);
      expect(new Set(commands.map((each) => each.join(' ')))).toEqual(new Set([`/emulation ${nodes[0].port}`]));

      await bob.page.close();
      await ann.hears(['leave', 'bob']);
    });

    it.each(['http_stream', 'sse'] as const)(
      'comes back by itself, by %s, when its node is drained, and misses nothing',
      async (transport) => {
        const { nodes, between, enter } = await start();
        const ann = await enter('ann', transport);
        await ann.hears(['connected', transport], ['subscribed']);
        const [leaving, staying] = nodes;
        await staying.publish('chat:lobby', 0);
        between.to.streams = staying.port;
        leaving.cli.process.kill('SIGTERM');
        for (let i = 1; i < 20; i++) await staying.publish('chat:lobby', i);
        await ann.hears(['connecting', 3001], ['connected', transport], ['subscribed', 'recovered']);
        await staying.publish('chat:lobby', 20);
        await ann.has(...Array.from({ length: 21 }, (_, i) => i));
        expect((await leaving.cli.finished).code).toBe(0);
      },
    );
  },
);
