import { Registry } from 'prom-client';
import { HubMetrics } from 'tidewire';
import { expect, test } from 'vitest';
import { parseScrape, type Scrape } from './scrape.ts';

function metrics(): { readonly hub: HubMetrics; readonly read: () => Promise<Scrape> } {
  const registry = new Registry();
  const hub = new HubMetrics(registry);
  hub.know(['', 'chat', 'news']);
  return { hub, read: async () => parseScrape(await registry.metrics()) };
}

const seriesOf = ({ values }: Scrape, name: string) => [...values.keys()].filter((key) => key.startsWith(`${name}{`));

test('a metric has a label for each namespace that is known, and one for all others', async () => {
  const { hub, read } = metrics();
  for (const namespace of ['', 'chat', 'made up', 'by somebody', 'other']) hub.published(namespace, 10);
  const { values } = await read();
  const total = 'tidewire_publications_received_total';
  expect(values.get(`${total}{namespace="(none)"}`)).toBe(1);
  expect(values.get(`${total}{namespace="chat"}`)).toBe(1);
  expect(values.get(`${total}{namespace="other"}`)).toBe(3);
  expect(values.get('tidewire_publications_received_bytes_total{namespace="other"}')).toBe(30);
  hub.know(['made up']);
  hub.published('made up', 10);
  expect((await read()).values.get(`${total}{namespace="made up"}`)).toBe(1);
});

test('no label takes more values than there can be of what the hub names', async () => {
  const { hub, read } = metrics();
  for (let index = 0; index < 200; index++) {
    hub.connected(`transport ${index}`);
    hub.disconnected(`transport ${index}`, { code: 3000 + index, reason: '' }, 1);
    hub.commandDone(`command ${index}`, index, 1);
    hub.engineMeasured(`operation ${index}`, 1, true);
    hub.unsubscribed('chat', 2000 + index * 20);
    hub.webhookDone(`event ${index}`, 'ok', 1, 1);
    hub.pongReceived(`transport ${index}`, 1);
    hub.threw(`place ${index}`);
  }
  const all = await read();
  expect(seriesOf(all, 'tidewire_connections')).toHaveLength(51);
  expect(seriesOf(all, 'tidewire_engine_operations_failed_total')).toHaveLength(51);
  expect(seriesOf(all, 'tidewire_webhook_attempts_total')).toHaveLength(51);
  expect(seriesOf(all, 'tidewire_hub_errors_total')).toHaveLength(51);
  expect(seriesOf(all, 'tidewire_ping_round_trip_seconds_count')).toHaveLength(51);
  expect(seriesOf(all, 'tidewire_subscriptions_ended_total').length).toBeLessThan(10);
  const outcomes = new Set(seriesOf(all, 'tidewire_commands_total').map((key) => /outcome="(.*)"/.exec(key)?.[1]));
  expect(outcomes).toContain('ok');
  expect(outcomes).toContain('permission_denied');
  expect(outcomes).toContain('application');
  expect(outcomes.size).toBeLessThan(20);
});

test('what is delivered counts once for each subscriber', async () => {
  const { hub, read } = metrics();
  hub.broadcast('chat', 20, 1000, 123_456, 3);
  hub.broadcast('chat', 1, 1, 100, 0.2);
  const { values } = await read();
  expect(values.get('tidewire_publications_delivered_total{namespace="chat"}')).toBe(20_001);
  expect(values.get('tidewire_publications_delivered_bytes_total{namespace="chat"}')).toBe(123_556);
});

test('durations are in seconds, and their buckets count all that are not longer', async () => {
  const { hub, read } = metrics();
  for (const milliseconds of [0.05, 0.1, 2, 30, 20_000]) hub.broadcast('chat', 1, 1, 1, milliseconds);
  const { values, types } = await read();
  const name = 'tidewire_broadcast_duration_seconds';
  expect(types.get(name)).toBe('histogram');
  const bucket = (le: string) => values.get(`${name}_bucket{namespace="chat",le="${le}"}`);
  expect(['0.0001', '0.001', '0.0025', '0.025', '0.05', '10', '+Inf'].map(bucket)).toEqual([2, 2, 3, 3, 4, 4, 5]);
  expect(values.get(`${name}_count{namespace="chat"}`)).toBe(5);
  expect(values.get(`${name}_sum{namespace="chat"}`)).toBeCloseTo(20.03215);
});

test('what is there now goes up and down', async () => {
  const { hub, read } = metrics();
  hub.connected('websocket');
  hub.connected('websocket');
  hub.channelOpened('chat');
  hub.subscribed('chat');
  hub.subscribed('chat');
  hub.disconnected('websocket', { code: 3008, reason: 'slow' }, 5000);
  hub.unsubscribed('chat', 1);
  const { values } = await read();
  expect(values.get('tidewire_connections{transport="websocket"}')).toBe(1);
  expect(values.get('tidewire_connections_opened_total{transport="websocket"}')).toBe(2);
  expect(values.get('tidewire_connections_closed_total{transport="websocket",code="3008"}')).toBe(1);
  expect(values.get('tidewire_channels{namespace="chat"}')).toBe(1);
  expect(values.get('tidewire_subscriptions{namespace="chat"}')).toBe(1);
  expect(values.get('tidewire_subscriptions_begun_total{namespace="chat"}')).toBe(2);
  expect(values.get('tidewire_subscriptions_ended_total{namespace="chat",code="1"}')).toBe(1);
});

test('recoveries, gaps and slow consumers are counted by what became of them', async () => {
  const { hub, read } = metrics();
  hub.recovered('chat', 'recovered', 7);
  hub.recovered('chat', 'failed', 0);
  hub.gapNoticed('chat', 'filled');
  hub.slowConsumer('news', 'conflated', 12);
  hub.slowConsumer('news', 'conflated', 1);
  const { values } = await read();
  expect(values.get('tidewire_recoveries_total{namespace="chat",outcome="recovered"}')).toBe(1);
  expect(values.get('tidewire_recoveries_total{namespace="chat",outcome="failed"}')).toBe(1);
  expect(values.get('tidewire_recovered_publications_total{namespace="chat"}')).toBe(7);
  expect(values.get('tidewire_gaps_total{namespace="chat",outcome="filled"}')).toBe(1);
  expect(values.get('tidewire_slow_consumer_actions_total{namespace="news",action="conflated"}')).toBe(2);
  expect(values.get('tidewire_slow_consumer_publications_total{namespace="news",action="conflated"}')).toBe(13);
});

test('what histories lost before their time is counted', async () => {
  const { hub, read } = metrics();
  hub.historyShortened(100, 2);
  hub.historyShortened(1, 0);
  const { values } = await read();
  expect(values.get('tidewire_history_dropped_total{what="publications"}')).toBe(101);
  expect(values.get('tidewire_history_dropped_total{what="positions"}')).toBe(2);
});

test('an interrupted engine is down until it resumes, and failures are counted beside latency', async () => {
  const { hub, read } = metrics();
  hub.engineMeasured('publish', 4, true);
  hub.engineMeasured('publish', 4, false);
  hub.engineInterrupted();
  hub.engineInterrupted();
  const down = (await read()).values;
  expect(down.get('tidewire_engine_up')).toBe(0);
  hub.engineResumed();
  hub.engineResumed();
  const { values } = await read();
  expect(values.get('tidewire_engine_up')).toBe(1);
  expect(values.get('tidewire_engine_interruptions_total')).toBe(1);
  expect(values.get('tidewire_engine_interrupted_seconds_total')).toBeGreaterThan(0);
  expect(values.get('tidewire_engine_operations_failed_total{operation="publish"}')).toBe(1);
  expect(values.get('tidewire_engine_operation_duration_seconds_count{operation="publish"}')).toBe(2);
});

test('webhooks are counted with the requests that were made for them', async () => {
  const { hub, read } = metrics();
  hub.webhookDone('occupied', 'failed', 3000, 4);
  const { values } = await read();
  expect(values.get('tidewire_webhooks_total{event="occupied",outcome="failed"}')).toBe(1);
  expect(values.get('tidewire_webhook_attempts_total{event="occupied"}')).toBe(4);
  expect(values.get('tidewire_webhook_duration_seconds_sum{event="occupied"}')).toBe(3);
});
