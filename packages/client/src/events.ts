import type { WebSocketFailure } from './failures.ts';
import {
  exposeInterface,
  requireArguments,
  toDictionary,
  toDOMString,
  toUnsignedShort,
  toUSVString,
} from './web-idl.ts';

// CloseEvent, which Node has only since version 23, and the `on…` attributes of HTML.

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

type Callback = (event: Event) => unknown;

interface EventHandler {
  callback: unknown;
  readonly listener: Callback;
}

/** The event handlers of one object: https://html.spec.whatwg.org/multipage/webappapis.html#event-handlers */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #handlers = new Map<string, EventHandler>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  /** The getter of an `on…` attribute. */
  get(type: string): unknown {
    return this.#handlers.get(type)?.callback ?? null;
  }

  /**
   * The setter of an `on…` attribute. A handler keeps the place among the listeners that it had when it was first set;
   * taking it away gives up that place. [LegacyTreatNonObjectAsNull]: what is no object counts as null.
   */
  set(type: string, callback: unknown): void {
    const handler = this.#handlers.get(type);
    const isNull = typeof callback !== 'function' && (typeof callback !== 'object' || callback === null);
    if (isNull) {
      if (handler !== undefined) this.#target.removeEventListener(type, handler.listener);
      this.#handlers.delete(type);
    } else if (handler !== undefined) {
      handler.callback = callback;
    } else {
      this.#add(type, callback);
    }
  }

  #add(type: string, callback: unknown): void {
    const target = this.#target;
    const handler: EventHandler = {
      callback,
      listener: (event) => {
        if (typeof handler.callback !== 'function') return;
        // The event handler processing algorithm: `false` cancels.
        if (Reflect.apply(handler.callback, target, [event]) === false) event.preventDefault();
      },
    };
    this.#handlers.set(type, handler);
    target.addEventListener(type, handler.listener);
  }
}
