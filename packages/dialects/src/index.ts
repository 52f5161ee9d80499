export { centrifugeJson } from './centrifuge-json/dialect.ts';
export { centrifugeJsonEndpoint } from './centrifuge-json/websocket.ts';
export type { Dialect, Terms } from './dialect.ts';
export { Emulation, type EmulationOptions } from './emulation/emulation.ts';
export { jsonLines } from './json-lines/dialect.ts';
export { jsonLinesEndpoint } from './json-lines/websocket.ts';
export type { SessionOptions } from './options.ts';
export type { Visit, WebSocketOptions } from './websocket.ts';
