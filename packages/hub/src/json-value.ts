import type { Json } from './publication.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** @throws TypeError if it is nothing that JSON has, or refers to itself */
export function json(value: JsonValue): Json {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`data must be something that JSON has, not ${typeof value}`);
  return text;
}
