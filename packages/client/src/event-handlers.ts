// Listeners with the types of their events, and the `on…` attributes of HTML: what every class here has that is an
// EventTarget, on Node and in browsers.

/** What an `on…` attribute may be set to. */
export type HandlerOf<Target, E> = ((this: Target, event: E) => unknown) | null;

type Listener<Target, E> = ((this: Target, event: E) => unknown) | { handleEvent(event: E): unknown };

type ListenerOptions = Parameters<EventTarget['addEventListener']>[2];

/** An EventTarget that knows the types of its events, by their names. */
export interface TypedEventTarget<Target, Events extends { readonly [Type in keyof Events]: Event }> {
  addEventListener<Type extends keyof Events>(
    type: Type,
    listener: Listener<Target, Events[Type]>,
    options?: ListenerOptions,
  ): void;
  addEventListener(type: string, listener: Listener<Target, Event>, options?: ListenerOptions): void;
  removeEventListener<Type extends keyof Events>(
    type: Type,
    listener: Listener<Target, Events[Type]>,
    options?: EventListenerOptions | boolean,
  ): void;
  removeEventListener(type: string, listener: Listener<Target, Event>, options?: EventListenerOptions | boolean): void;
  dispatchEvent(event: Event): boolean;
}

/** EventTarget itself, for a class to extend. */
export const TypedEventTarget: new <
  Target,
  Events extends { readonly [Type in keyof Events]: Event },
>() => TypedEventTarget<Target, Events> = EventTarget;

/** Gives the objects of a class their `on…` attributes. @param handlersOf throws for what is no object of the class */
export function defineHandlers<Target extends object>(
  prototype: Target,
  types: readonly string[],
  handlersOf: (target: Target) => EventHandlers,
): void {
  for (const type of types) {
    Object.defineProperty(prototype, `on${type}`, {
      get(this: Target) {
        return handlersOf(this).get(type);
      },
      set(this: Target, handler: unknown) {
        handlersOf(this).set(type, handler);
      },
      enumerable: true,
      configurable: true,
    });
  }
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
