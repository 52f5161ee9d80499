import { Client } from '@stomp/stompjs';

declare global {
  interface Window {
    /** Sends bodies to a queue, and resolves with what comes from it. */
    roundTrip(url: string, bodies: readonly string[]): Promise<string[]>;
  }
}

window.roundTrip = (url, bodies) =>
  new Promise((resolve, reject) => {
    const client = new Client({
      brokerURL: url,
      connectHeaders: { login: 'guest', passcode: 'guest' },
      reconnectDelay: 0,
      onStompError: ({ headers }) => reject(new Error(headers.message)),
      onWebSocketClose: ({ code }) => reject(new Error(`closed with ${code}`)),
    });
    client.onConnect = () => {
      const received: string[] = [];
      client.subscribe('/queue/page', ({ body }) => {
        received.push(body);
        if (received.length === bodies.length) resolve(received);
      });
      for (const body of bodies) client.publish({ destination: '/queue/page', body });
    };
    client.activate();
  });
