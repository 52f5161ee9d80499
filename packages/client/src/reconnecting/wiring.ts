import type { WebSocketClass } from './options.ts';
import type { Ending } from './reconnection.ts';
import type { Surroundings, WhileHidden } from './surroundings.ts';

/** What a platform provides. */
export interface Wiring {
  readonly WebSocket: WebSocketClass;
  readonly CloseEvent: new (type: string, init: Ending) => Event & Ending;
  readonly MessageEvent: new (type: string, init: { data: unknown; origin: string }) => Event;
  /** @param host that of the connection, `undefined` while it is not known */
  surroundings(whileHidden: WhileHidden, host: () => string | undefined): Surroundings;
}
