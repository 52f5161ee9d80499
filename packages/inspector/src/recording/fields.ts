import { RecordingError } from './recording-error.ts';

// What a file says is looked at member by member before it is believed, so that whoever made it learns which one is wrong.

/** The members of an object that came from a file. Each method throws RecordingError if the member is not what it asks for. */
export class Fields {
  readonly #object: object;
  /** How to get there from the beginning: `log.entries[2]`, or the empty string. */
  readonly path: string;
  readonly #line: number | undefined;

  /** @throws RecordingError if it is no object */
  constructor(value: unknown, path = '', line?: number | undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new RecordingError(`${path === '' ? 'this' : path} must be an object`, line);
    }
    this.#object = value;
    this.path = path;
    this.#line = line;
  }

  /** `undefined` if it is not there, or null. */
  value(name: string): unknown {
    if (!Object.hasOwn(this.#object, name)) return undefined;
    const value: unknown = Reflect.get(this.#object, name);
    return value ?? undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.fail(name, 'must be text');
  }

  optionalText(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    return this.fail(name, 'must be text');
  }

  /** Any finite number from `least` on. */
  number(name: string, least = Number.NEGATIVE_INFINITY): number {
    const value = this.value(name);
    if (typeof value === 'number' && value >= least && Number.isFinite(value)) return value;
    return this.fail(name, Number.isFinite(least) ? `must be a number from ${least} on` : 'must be a number');
  }

  /** A whole number. */
  integer(name: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const upTo = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
    return this.fail(name, `must be a whole number from ${least} ${upTo}`);
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    return typeof value === 'boolean' ? value : this.fail(name, 'must be true or false');
  }

  oneOf<T extends string | number>(name: string, values: readonly T[]): T {
    const value = this.value(name);
    const found = values.find((each) => each === value);
    return found ?? this.fail(name, `must be ${values.map((each) => JSON.stringify(each)).join(', ')}`);
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name);
    return Array.isArray(value) ? value : this.fail(name, 'must be a list');
  }

  object(name: string): Fields {
    return this.optionalObject(name) ?? this.fail(name, 'must be an object');
  }

  optionalObject(name: string): Fields | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : new Fields(value, this.#pathOf(name), this.#line);
  }

  /** The objects of a list. */
  objects(name: string): readonly Fields[] {
    return this.list(name).map((each, index) => new Fields(each, `${this.#pathOf(name)}[${index}]`, this.#line));
  }

  /** @throws RecordingError with what is wrong with this member */
  fail(name: string, problem: string): never {
    throw new RecordingError(`${this.#pathOf(name)} ${problem}`, this.#line);
  }

  #pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}
