import { isToken } from '@tidewire/protocol';
import { type ResolvedOptions, resolveOptions } from './options.ts';
import { syntaxError } from './target.ts';
import { isNoSequence, isObject, toStringOrSequence } from './web-idl.ts';

// The checks that the standard makes of what a program passes, shared by WebSocket and WebSocketStream.

export interface ConstructorArguments {
  readonly subprotocols: readonly string[];
  readonly resolved: ResolvedOptions;
}

/** Web IDL: (DOMString or sequence<DOMString> or WebSocketInit), of which null is an empty dictionary. */
export function readArguments(protocols: unknown, options: unknown): ConstructorArguments {
  const isDictionary = isObject(protocols) ? isNoSequence(protocols) : protocols === null;
  if (!isDictionary) {
    const given = isObject(options) ? options : undefined;
    return { subprotocols: [toStringOrSequence(protocols)].flat(), resolved: resolveOptions(given) };
  }
  const init: Readonly<Record<string, unknown>> = isObject(protocols) ? protocols : {};
  const { protocols: names = [], ...others } = init;
  const given = Object.keys(others).length === 0 && isObject(options) ? options : others;
  return { subprotocols: [toStringOrSequence(names)].flat(), resolved: resolveOptions(given) };
}

/**
 * RFC 6455, 4.1, item 10: tokens, none of them twice; nor twice with other letters only in case, as browsers see it.
 * @throws DOMException of the name SyntaxError
 */
export function assertSubprotocols(subprotocols: readonly string[]): void {
  if (!subprotocols.every(isToken)) throw syntaxError('Every subprotocol must be a token');
  const distinct = new Set(subprotocols.map((name) => name.toLowerCase()));
  if (distinct.size < subprotocols.length) throw syntaxError('No subprotocol may be there twice');
}
