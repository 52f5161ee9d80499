// The four values of `readyState`: https://websockets.spec.whatwg.org/#dom-websocket-readystate

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSING = 2;
export const CLOSED = 3;

/** Puts them on a class and on its objects, where they cannot be changed. */
export function exposeReadyStates(classWithThem: { readonly prototype: object }): void {
  for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
    for (const target of [classWithThem, classWithThem.prototype]) {
      Object.defineProperty(target, name, { value, enumerable: true });
    }
  }
}
