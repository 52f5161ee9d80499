import type { WebSocketFailure } from './failures.ts';
import {
  exposeInterface,
  requireArguments,
  toDictionary,
  toDOMString,
  toUnsignedShort,
  toUSVString,
} from './web-idl.ts';

// CloseEvent, which Node has only since version 23, and what the events of a failed connection carry.

export type CloseEventInit = ConstructorParameters<typeof Event>[1] & {
  readonly wasClean?: boolean;
  readonly code?: number;
  readonly reason?: string;
};

/** https://websockets.spec.whatwg.org/#the-closeevent-interface */
class OwnCloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: nothing else tells an argument left out from `undefined`
    requireArguments(1, arguments.length, 'CloseEvent');
    const { code = 0, reason = '', wasClean = false, ...rest } = toDictionary(init, 'eventInitDict') ?? {};
    super(toDOMString(type), rest);
    this.#code = toUnsignedShort(code);
    this.#reason = toUSVString(reason);
    this.#wasClean = Boolean(wasClean);
  }

  get wasClean(): boolean {
    return this.#wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }
}

exposeInterface('CloseEvent', OwnCloseEvent.prototype, ['wasClean', 'code', 'reason']);
Object.defineProperty(OwnCloseEvent, 'name', { value: 'CloseEvent' });

const nativeCloseEvent: typeof OwnCloseEvent | undefined = Reflect.get(globalThis, 'CloseEvent');

/** How a connection ended. Node's own class where it has one. */
export const CloseEvent: typeof OwnCloseEvent = nativeCloseEvent ?? OwnCloseEvent;
export type CloseEvent = OwnCloseEvent;

class OwnMessageEvent extends MessageEvent<unknown> {}

exposeInterface('MessageEvent', OwnMessageEvent.prototype, []);
Object.defineProperty(OwnMessageEvent, 'name', { value: 'MessageEvent' });

/** Node's MessageEvent, which does not say its name in Node 20. */
export const TaggedMessageEvent: new (type: string, init: MessageEventInit) => MessageEvent =
  String(new MessageEvent('message')) === '[object MessageEvent]' ? MessageEvent : OwnMessageEvent;

/** What the `error` and `close` events of a failed connection carry beyond the standard. */
export interface WithFailure {
  /** Why the connection failed; not there after a clean close. */
  readonly failure?: WebSocketFailure;
}

/** The event with its failure. It stays an event of its plain class. */
export function withFailure<E extends Event>(event: E, failure: WebSocketFailure | undefined): E & WithFailure {
  if (failure !== undefined) Object.defineProperty(event, 'failure', { value: failure });
  return event;
}
