import type { PeerName } from '../peers.ts';

// Some peers speak a protocol of their own over WebSocket. The load speaks it too, with as little as it takes, so that
// the same job is done: a text goes in, and the same text comes out.

export interface Dialect {
  readonly path: string;
  /** What the client says before the server has said anything. */
  readonly hello?: string;
  /** What the server says first, by its beginning, and what the client answers. */
  readonly greeting: readonly { readonly expect: string; readonly answer?: string }[];
  /** The messages that carry a text to the server and back. */
  readonly request: (text: Buffer) => Buffer;
  readonly response: (text: Buffer) => Buffer;
}

const same = (text: Buffer) => text;
const plain: Dialect = { path: '/', greeting: [], request: same, response: same };

const socketIo: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  // Engine.IO's packet "open", Socket.IO's packet "connect" both ways.
  greeting: [{ expect: '0{', answer: '40' }, { expect: '40{' }],
  request: (text) => Buffer.from(`42["m",${JSON.stringify(text.toString())}]`),
  response: (text) => Buffer.from(`42["m",${JSON.stringify(text.toString())}]`),
};

const sockJs: Dialect = {
  path: '/sockjs/000/{session}/websocket',
  greeting: [{ expect: 'o' }],
  request: (text) => Buffer.from(JSON.stringify([text.toString()])),
  response: (text) => Buffer.from(`a${JSON.stringify([text.toString()])}`),
};

/** Centrifugo's client protocol: the client connects, and subscribes to one channel. What comes back is more than the text. */
const centrifuge = subscribing('{"channel":"room"}');

/**
 * A client of the hub. Its subscriptions are sent together, as SDKs do it.
 * @param requests what it asks for when it subscribes
 */
export function subscribing(...requests: readonly string[]): Dialect {
  const answer = requests.map((request, i) => `{"id":${i + 2},"subscribe":${request}}`).join('\n');
  return {
    path: '/connection/websocket',
    hello: '{"id":1,"connect":{}}',
    greeting: [
      { expect: '{"id":1,"connect":', ...(answer !== '' && { answer }) },
      ...requests.map((_request, i) => ({ expect: `{"id":${i + 2},"subscribe":` })),
    ],
    request: same,
    response: same,
  };
}

export function dialectOf(peer: PeerName): Dialect {
  if (peer === 'socket.io') return socketIo;
  if (isHub(peer)) return centrifuge;
  return peer === 'sockjs' ? sockJs : plain;
}

export function isHub(peer: PeerName): boolean {
  return peer.startsWith('hub');
}
