import { type Socket, WebSocketEndpoint } from '@tidewire/server';

// As much of a server for the JSON protocol of Centrifugo as a client needs to connect, ping, subscribe and publish:
// https://centrifugal.dev/docs/transports/client_protocol

interface Command {
  readonly id?: number;
  readonly connect?: object;
  readonly subscribe?: { readonly channel: string };
  readonly unsubscribe?: { readonly channel: string };
  readonly publish?: { readonly channel: string; readonly data: unknown };
}

const PING_INTERVAL = 1;

/** @param ponged is called for each ping that was answered */
export function centrifugeEndpoint(ponged: () => void = () => {}): WebSocketEndpoint<{ isConnected: boolean }> {
  type Client = Socket<{ isConnected: boolean }>;
  const handle = (socket: Client, command: Command) => {
    const { id, connect, subscribe, unsubscribe, publish } = command;
    const reply = (result: object) => void socket.send(JSON.stringify({ id, ...result }));
    if (id === undefined) return ponged();
    if (connect !== undefined && !socket.data.isConnected) {
      socket.data.isConnected = true;
      reply({ connect: { client: String(id), version: '0', ping: PING_INTERVAL, pong: true } });
      return void socket.send('{}');
    }
    if (!socket.data.isConnected) return socket.close(3501, 'bad request');
    if (subscribe !== undefined) {
      socket.subscribe(subscribe.channel);
      reply({ subscribe: {} });
    } else if (unsubscribe !== undefined) {
      socket.unsubscribe(unsubscribe.channel);
      reply({ unsubscribe: {} });
    } else if (publish !== undefined) {
      const { channel, data } = publish;
      endpoint.publish(channel, JSON.stringify({ push: { channel, pub: { data } } }));
      reply({ publish: {} });
    } else {
      reply({ error: { code: 104, message: 'method not found' } });
    }
  };
  const endpoint = new WebSocketEndpoint<{ isConnected: boolean }>({
    upgrade: () => ({ data: { isConnected: false } }),
    message(socket, message) {
      for (const line of String(message).split('\n')) if (line !== '') handle(socket, JSON.parse(line));
    },
  });
  return endpoint;
}
