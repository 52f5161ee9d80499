// Why a request of a tunnel is refused, and how that is said: PROTOCOL.md, section 8. Nothing of this is thrown.

/** Those after which the client gives the session up, by their stable codes. */
const lasting = [
  'MALFORMED',
  'VERSION',
  'FOREIGN_ORIGIN',
  'UNKNOWN_SESSION',
  'METHOD',
  'ACKNOWLEDGEMENT',
  'BEYOND_WINDOW',
  'BEYOND_END',
  'TOO_LARGE',
  'CONTENT_TYPE',
] as const;

/** Those after which it tries the same again, after a while. */
type Passing = 'TRUNCATED' | 'OUT_OF_ORDER' | 'TOO_MANY_REQUESTS' | 'UNAVAILABLE';

export type TunnelRefusalCode = (typeof lasting)[number] | Passing;

/** The code that a body says, if it is one after which the client gives up. */
export function readLastingRefusal(body: string): TunnelRefusalCode | undefined {
  const code = property(property(parseJson(body), 'error'), 'code');
  return lasting.find((known) => known === code);
}

/** What `text` says as JSON; `undefined` if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A property of what may be no object at all. */
export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
