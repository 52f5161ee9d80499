import { WebSocket } from '@tidewire/client';

// What a page loads that uses the WebSocket and nothing else.

Object.assign(globalThis, { TidewireWebSocket: WebSocket });
