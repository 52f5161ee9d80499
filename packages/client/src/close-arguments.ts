// The checks that the standard makes of what is passed to `close`, for Node and for browsers.

/** RFC 6455, 5.5 leaves 125 bytes for a control frame's payload, and 2 of a Close frame's are the code. */
const MAX_REASON = 123;

/** @throws DOMException of the name InvalidAccessError or SyntaxError */
export function assertClose(code: number | undefined, reason: string): void {
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw new DOMException(`The code must be 1000, or 3000 to 4999, not ${code}`, 'InvalidAccessError');
  }
  if (new TextEncoder().encode(reason).length > MAX_REASON) {
    throw new DOMException(`The reason must have ${MAX_REASON} bytes or less`, 'SyntaxError');
  }
}

/** The code that goes with a reason where none was given: a Close frame has no reason without a code. */
export function codeFor(code: number | undefined, reason: string): number | undefined {
  return code ?? (reason === '' ? undefined : 1000);
}
