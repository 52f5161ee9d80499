// The pieces of HTTP's grammar that the handshake's headers are made of. Every function takes linear time, whatever the
// input: no regular expression here has two ways to match the same characters.

const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// Marked so that a page which has no use for it does not load it.
const tokenCodes: ReadonlySet<number> = /* @__PURE__ */ findTokenCodes();

function findTokenCodes(): ReadonlySet<number> {
  return new Set(Array.from({ length: 128 }, (_, code) => code).filter((code) => isToken(String.fromCharCode(code))));
}

/** Whether `text` is a token: RFC 9110, 5.6.2 (the same characters as in RFC 2616, 2.2, that RFC 6455 names). */
export function isToken(text: string): boolean {
  return typeof text === 'string' && tokenPattern.test(text);
}

/** Whether the character with this code may stand in a token. */
export function isTokenCode(code: number): boolean {
  return tokenCodes.has(code);
}

/** Whether these are tokens and none is there twice, as subprotocols must be (RFC 6455, 4.1, item 10 of the request). */
export function areUniqueTokens(values: readonly string[]): boolean {
  return values.every(isToken) && new Set(values).size === values.length;
}

/** Whether `text` is a host and perhaps a port, and not empty: RFC 9112, 3.2 and RFC 3986, 3.2.2. */
export function isHost(text: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?$/.test(text);
}

/** Whether these are the same but for the case of A to Z. No other character has a case here: U+212A is not a `k`. */
export function equalsIgnoringCase(one: string, other: string): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  // Code by code, and not by copies in lower case: a handshake compares a dozen names.
  for (let i = 0; i < one.length; i++) {
    if (lowerCaseCode(one.charCodeAt(i)) !== lowerCaseCode(other.charCodeAt(i))) return false;
  }
  return true;
}

function lowerCaseCode(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

/** Whether one of `values` is `wanted` but for the case of A to Z. */
export function includesIgnoringCase(values: readonly string[], wanted: string): boolean {
  return values.some((value) => equalsIgnoringCase(value, wanted));
}

/** The elements of a comma separated list, without the empty ones: RFC 9110, 5.6.1.2. */
export function listElements(text: string): readonly string[] {
  const elements = text.split(',').map(trimSpace);
  return elements.filter((element) => element !== '');
}

/** Whether `wanted` is an element of this comma separated list, but for the case of A to Z. */
export function listIncludes(text: string, wanted: string): boolean {
  return equalsIgnoringCase(text, wanted) || includesIgnoringCase(listElements(text), wanted);
}

/** `text` without the spaces and tabs around it (RFC 9110, 5.6.3), and only those: `String.trim` takes more. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Whether this is the code of a space or a tab. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
