// What a page might import.
export { WebSocket, WebSocketStream } from '@tidewire/client';
