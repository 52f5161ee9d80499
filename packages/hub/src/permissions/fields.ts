import type { Json } from '../publication.ts';

// Reads JSON that others have written, field by field, and names the one that is wrong. A field that is `null` is not there.

export class FieldError extends Error {
  override readonly name = 'FieldError';
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /**
   * @param path what stands before the names of fields in messages; empty for the outermost object
   * @throws FieldError if `value` is no object, as everything here throws it for a field of another type
   */
  constructor(value: unknown, path = '') {
    if (!isObject(value)) throw new FieldError(`${path || 'the whole'} must be an object`);
    this.#values = value;
    this.#path = path === '' ? '' : `${path}.`;
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  names(): readonly string[] {
    return Object.keys(this.#values);
  }

  string(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(name, 'a string');
  }

  boolean(name: string): boolean | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrong(name, 'true or false');
  }

  integer(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value;
    throw this.wrong(name, 'an integer');
  }

  /** Seconds since 1970, which may have a fraction (RFC 7519, 2), in milliseconds. */
  time(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= 0 && value < 1e11) return value * 1000;
    throw this.wrong(name, 'a time in seconds since 1970');
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.wrong(name, 'an array of strings');
  }

  object(name: string): Fields | undefined {
    const value = this.#value(name);
    return value === undefined ? undefined : new Fields(value, `${this.#path}${name}`);
  }

  objects(name: string): readonly Fields[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw this.wrong(name, 'an array of objects');
    return value.map((item, index) => new Fields(item, `${this.#path}${name}[${index}]`));
  }

  /** Whatever it is, as text. */
  json(name: string): Json | undefined {
    const value = this.#value(name);
    return value === undefined ? undefined : JSON.stringify(value);
  }

  /** Whatever it is. */
  any(name: string): unknown {
    return this.#value(name);
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  /** What to throw if a field that was read is not good for something else. */
  wrong(name: string, wanted: string): FieldError {
    return new FieldError(`${this.#path}${name} must be ${wanted}`);
  }
}
