import { WebSocket } from '@tidewire/client/browser';

// What the page of transports.test.ts has: one socket to where the page came from, and what it heard of it.

interface Conversation {
  readonly socket: WebSocket;
  readonly events: unknown[];
}

declare global {
  interface Window {
    connect(protocols: string[], upgradeDelay?: number): void;
    conversation: Conversation;
  }
}

window.connect = (protocols, upgradeDelay = 10_000) => {
  const socket = new WebSocket('/socket?room=7', protocols, { upgradeDelay });
  const events: unknown[] = [];
  Object.assign(window, { conversation: { socket, events } });
  socket.onopen = () => events.push(['open', socket.protocol]);
  socket.onmessage = async ({ data }) => {
    const index = events.push(undefined) - 1;
    events[index] = typeof data === 'string' ? data : await describe(data);
  };
  socket.onerror = () => events.push('error');
  socket.onclose = ({ code, reason, wasClean }) => events.push([code, reason, wasClean]);
};

async function describe(data: unknown): Promise<unknown> {
  const [kind, bytes] = data instanceof Blob ? ['blob', await data.arrayBuffer()] : ['arraybuffer', data];
  return [kind, ...new Uint8Array(bytes as ArrayBuffer)];
}
