import { gatewayMetrics } from '@tidewire/gateway';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Client, refusal, startGateway, tcpServer } from './support.ts';

test('the metrics count connections, bytes both ways, refusals by reason, and how long it took to connect', async () => {
  const port = await tcpServer((socket) => void socket.pipe(socket));
  const registry = new Registry();
  const targets = [
    { name: 'echo', host: '127.0.0.1', port },
    { name: 'none', host: '127.0.0.1', port: 1 },
  ];
  const observers = [
    gatewayMetrics(
      registry,
      targets.map(({ name }) => name),
    ),
  ];
  const { url, told } = await startGateway(targets, { observers, origins: ['https://app.example'] });
  const [first, second] = await Promise.all([Client.open(`${url}/echo`), Client.open(`${url}/echo`)]);
  first.socket.send('12345');
  second.socket.send('123');
  await Promise.all([first.read('5'), second.read('3')]);
  second.socket.close(1000);
  await told(/^closed echo/);
  await refusal(`${url}/none`);
  await refusal(`${url}/echo`, ['unknown']);
  await refusal(`${url}/echo`, [], { origin: 'https://evil.example' });
  const text = await registry.metrics();
  for (const line of [
    'tidewire_gateway_connections{target="echo"} 1',
    'tidewire_gateway_connections{target="none"} 0',
    'tidewire_gateway_connections_opened_total{target="echo"} 2',
    'tidewire_gateway_connections_closed_total{target="echo",code="1000"} 1',
    'tidewire_gateway_bytes_total{target="echo",direction="to_server"} 8',
    'tidewire_gateway_bytes_total{target="echo",direction="from_server"} 8',
    'tidewire_gateway_refused_total{target="none",reason="connect_failed"} 1',
    'tidewire_gateway_refused_total{target="(none)",reason="no_subprotocol"} 1',
    'tidewire_gateway_refused_total{target="echo",reason="foreign_origin"} 1',
    'tidewire_gateway_connect_seconds_count{target="echo",outcome="ok"} 2',
    'tidewire_gateway_connect_seconds_count{target="none",outcome="connect_failed"} 1',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});
