import { WebSocketEndpoint } from '@tidewire/server';
// By the file: graphql is there twice, and graphql-ws takes this one from Node, where Vite would take the other.
import { buildSchema } from 'graphql/index.js';
import { handleProtocols, makeServer } from 'graphql-ws';

// The server that comes with graphql-ws, on an endpoint.

const schema = buildSchema('type Query { hello(name: String!): String } type Subscription { count(to: Int!): Int }');

const roots = {
  query: { hello: ({ name }: { name: string }) => `Hello ${name} 🌊` },
  subscription: {
    async *count({ to }: { to: number }) {
      for (let count = 1; count <= to; count++) yield { count };
    },
  },
};

interface Conversation {
  receive(text: string): Promise<void>;
  closed(code: number, reason: string): Promise<void>;
}

const nobody: Conversation = { receive: async () => {}, closed: async () => {} };

/** @param closed is told the code with which each socket has closed */
export function graphqlEndpoint(closed: (code: number) => void = () => {}): WebSocketEndpoint<Conversation> {
  const server = makeServer({ schema, roots });
  return new WebSocketEndpoint<Conversation>({
    upgrade({ subprotocols }) {
      return { data: { ...nobody }, subprotocol: handleProtocols([...subprotocols]) || undefined };
    },
    open(socket) {
      socket.data.closed = server.opened(
        {
          protocol: socket.subprotocol,
          send: (text) => void socket.send(text),
          close: (code, reason) => socket.close(code, reason),
          onMessage: (receive) => {
            socket.data.receive = receive;
          },
        },
        {},
      );
    },
    message: (socket, message) => socket.data.receive(String(message)),
    async close(socket, code, reason) {
      closed(code);
      await socket.data.closed(code, reason);
    },
  });
}
