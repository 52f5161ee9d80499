import { disconnectCodes, errorCodes, unsubscribeCodes } from '@tidewire/hub';

// What may stand in a label. Every value of one is a series of its own for ever, so nothing that somebody outside can make up
// becomes one: what is not known is `other`.

export const OTHER = 'other';

/** How the namespace without a name is called: a label without a value would be none. */
export const NAMELESS = '(none)';

/**
 * What goes with each of the first values that come, and with all others together: for what comes from code, and is few. To
 * look it up is one look in a map.
 */
export class ByValue<T> {
  readonly #known = new Map<string, T>();
  readonly #make: (label: string) => T;
  readonly #most: number;
  #others: T | undefined;

  /** @param make what goes with a label, asked for once */
  constructor(make: (label: string) => T, most = 50) {
    this.#make = make;
    this.#most = most;
  }

  of(value: string): T {
    return this.#known.get(value) ?? this.#first(value);
  }

  #first(value: string): T {
    if (value === OTHER || this.#known.size >= this.#most) {
      this.#others ??= this.#make(OTHER);
      return this.#others;
    }
    const made = this.#make(value);
    this.#known.set(value, made);
    return made;
  }
}

const names: ReadonlyMap<number, string> = new Map([
  [0, 'ok'],
  ...Object.entries(errorCodes).map(([name, { code }]) => [code, name.toLowerCase()] as const),
]);

/** Of a command: `ok`, the name of an error code, or `application` for a code of a hook. */
export function outcomeLabel(code: number): string {
  return names.get(code) ?? 'application';
}

const known: ReadonlySet<number> = new Set(
  [disconnectCodes, unsubscribeCodes].flatMap((codes) => Object.values(codes).map(({ code }) => code)),
);

/** Of the end of a connection or subscription: the code itself, `application` for one from 4000, or `other`. */
export function endLabel(code: number): string {
  if (known.has(code)) return String(code);
  return code >= 4000 && code <= 4999 ? 'application' : OTHER;
}

/** Of the end of a WebSocket: those that RFC 6455 and the registry of IANA define, and those of the hub. */
export function closeLabel(code: number): string {
  return code >= 1000 && code <= 1015 ? String(code) : endLabel(code);
}
