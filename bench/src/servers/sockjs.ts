import { type Connection, createServer } from 'sockjs';
import { job } from './control.ts';
import { listen } from './node-listener.ts';

// Its WebSocket transport. No heartbeat falls into a measurement.

listen((server) => {
  const service = createServer({ prefix: '/sockjs', log: () => {}, heartbeat_delay: 600_000 });
  const connections = new Set<Connection>();
  service.on('connection', (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    connection.on('data', (text) => {
      if (job.mode === 'echo') connection.write(text);
      else for (const each of connections) each.write(text);
    });
  });
  service.installHandlers(server);
});
