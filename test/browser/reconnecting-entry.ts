import { ReconnectingWebSocket } from '@tidewire/client';

// What the page of reconnecting.test.ts has: one socket to where the page came from, and what it heard of it.

interface Heard {
  readonly socket: ReconnectingWebSocket;
  readonly states: string[];
  readonly messages: unknown[];
}

declare global {
  interface Window {
    begin(options: { whileHidden: 'reconnect' | 'wait'; path?: string; connectTimeout?: number }): void;
    heard: Heard;
  }
}

window.begin = ({ path = '/socket', ...options }) => {
  const socket = new ReconnectingWebSocket(path, [], { ...options, minDelay: 20, maxDelay: 40 });
  window.heard = { socket, states: [], messages: [] };
  socket.onstatechange = () => window.heard.states.push(socket.state);
  socket.onmessage = ({ data }) => window.heard.messages.push(data);
};
