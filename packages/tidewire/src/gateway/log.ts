import type { GatewayObserver, WatchedConnection } from '@tidewire/gateway';
import type { Logger } from 'pino';
import { pathOf } from '../service/http.ts';

// What happens on a gateway, as lines of the log. What is said on a connection is nobody's business: no message, query or header
// but the Origin is among it.

export function gatewayLog(log: Logger): GatewayObserver {
  const who = ({ id, target, subprotocol, clientAddress, user }: WatchedConnection) => ({
    ...{ id, target, subprotocol, from: clientAddress, user },
  });
  return {
    opened: (connection) => log.info(who(connection), 'connection opened'),
    closed(connection, { code, wasClean, error }) {
      const { sentToServer, receivedFromServer } = connection;
      const bytes = { toServer: sentToServer, fromServer: receivedFromServer };
      log.info({ ...who(connection), code, wasClean, bytes, error: error?.message }, 'connection closed');
    },
    refused({ target, clientAddress, status, reason, detail, request }) {
      const { origin } = request.headers;
      const details = { target, path: pathOf(request), from: clientAddress, origin, status, reason, detail };
      log.warn(details, 'client refused');
    },
    failed: (connection, error) => log.error({ ...who(connection), err: error }, 'the gateway failed'),
  };
}
