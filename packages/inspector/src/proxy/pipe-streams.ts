import type { Duplex } from 'node:stream';
import type { Ends } from '../inspector.ts';

/** Carries a connection that nobody looks at, to its end. */
export function pipeStreams({ client, server, fromClient, fromServer }: Ends): void {
  if (fromClient !== undefined && fromClient.length > 0) server.write(fromClient);
  if (fromServer !== undefined && fromServer.length > 0) client.write(fromServer);
  join(client, server);
  join(server, client);
}

function join(source: Duplex, target: Duplex): void {
  source.pipe(target);
  source.on('error', () => {});
  source.once('close', () => {
    if (source.readableEnded) return;
    target.destroy();
  });
}
