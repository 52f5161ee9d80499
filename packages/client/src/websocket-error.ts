import { assertClose, codeFor } from './close-arguments.ts';
import type { WebSocketFailure } from './failures.ts';
import { exposeInterface, toDictionary, toDOMString, toEnforcedUnsignedShort, toUSVString } from './web-idl.ts';

/** How a WebSocketStream is to be closed, or was: a code of 1000 or 3000 to 4999, and at most 123 bytes of reason. */
export interface WebSocketCloseInfo {
  readonly closeCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** The dictionary, converted by Web IDL. */
export function toCloseInfo(value: unknown): { readonly closeCode: number | undefined; readonly reason: string } {
  const { closeCode, reason } = toDictionary(value, 'closeInfo') ?? {};
  return {
    closeCode: closeCode === undefined ? undefined : toEnforcedUnsignedShort(closeCode, 'closeCode'),
    reason: reason === undefined ? '' : toUSVString(reason),
  };
}

/**
 * Why a WebSocketStream ended, or, given to `abort` or `cancel` of its streams, how it is to be closed:
 * https://github.com/ricea/websocketstream-explainer
 */
export class WebSocketError extends DOMException {
  #closeCode: number | null = null;
  #reason = '';
  #failure: WebSocketFailure | undefined;

  /** @throws DOMException of the name InvalidAccessError for another code, SyntaxError for a longer reason */
  constructor(message = '', init: WebSocketCloseInfo = {}) {
    const { closeCode, reason } = toCloseInfo(init);
    super(toDOMString(message), 'WebSocketError');
    // DOMException in Node 20 makes every instance one of its own class.
    Object.setPrototypeOf(this, new.target.prototype);
    assertClose(closeCode, reason);
    this.#closeCode = codeFor(closeCode, reason) ?? null;
    this.#reason = reason;
  }

  /** The error of a connection that failed, with a code that a program could not give. */
  static from(failure: WebSocketFailure | undefined, closeCode: number | null, reason: string): WebSocketError {
    const error = new WebSocketError(failure?.message ?? 'The connection failed');
    error.#closeCode = closeCode;
    error.#reason = reason;
    error.#failure = failure;
    return error;
  }

  get closeCode(): number | null {
    return this.#closeCode;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Why the connection failed. Beyond the explainer. */
  get failure(): WebSocketFailure | undefined {
    return this.#failure;
  }
}

exposeInterface('WebSocketError', WebSocketError.prototype, ['closeCode', 'reason']);
