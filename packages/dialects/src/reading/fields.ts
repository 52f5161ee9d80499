import { inLine } from './in-line.ts';
import { own } from './own.ts';
import { type RawValue, rawMember } from './raw-member.ts';

// The members of a command, each of which may be anything at all. Nobody's code throws over them: the first one that is
// wrong is kept in words that say what would be right.

type Members = Readonly<Record<string, unknown>>;

/** Arrays and objects within each other that a payload may have: other clients' parsers have limits of their own. */
export const MAX_DEPTH = 100;

export function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first mistake that was found in a command. */
export class Problem {
  text: string | undefined;

  found(text: string): void {
    this.text ??= text;
  }
}

/** `null` is as good as absent, but where a payload is asked for. */
export class Fields {
  readonly #members: Members;
  readonly #problem: Problem;
  readonly #text: string;
  readonly #path: readonly string[];

  /**
   * @param text that `members` were parsed from
   * @param path where they are in it
   */
  constructor(members: Members, text: string, path: readonly string[], problem: Problem) {
    this.#members = members;
    this.#text = text;
    this.#path = path;
    this.#problem = problem;
  }

  string(name: string): string | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'string') return value;
    this.#wrong(name, 'a string');
    return undefined;
  }

  /** A string that must be there, and not empty. */
  name(name: string): string {
    const value = this.string(name);
    if (value === undefined || value === '') this.#wrong(name, 'a string that is not empty');
    return value ?? '';
  }

  boolean(name: string): boolean | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    this.#wrong(name, 'true or false');
    return undefined;
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    this.#wrong(name, `an integer from ${min} to ${max}`);
    return undefined;
  }

  object(name: string): Fields | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    if (isRecord(value)) return new Fields(value, this.#text, [...this.#path, name], this.#problem);
    this.#wrong(name, 'an object');
    return undefined;
  }

  /** The objects by their names. */
  objects(name: string): ReadonlyMap<string, Fields> {
    const value = this.#get(name) ?? {};
    if (!isRecord(value)) {
      this.#wrong(name, 'an object');
      return new Map();
    }
    const all = new Fields(value, this.#text, [...this.#path, name], this.#problem);
    return new Map(
      Object.keys(value).flatMap((key) => {
        const each = all.object(key);
        return each === undefined ? [] : [[key, each] as const];
      }),
    );
  }

  /** Any JSON, as it has come. */
  payload(name: string): string | undefined {
    if (!Object.hasOwn(this.#members, name)) return undefined;
    return this.#take(name, rawMember(this.#text, ...this.#path, name));
  }

  /** A payload that must be there. */
  requiredPayload(name: string): string {
    const payload = this.payload(name);
    if (payload === undefined) this.#wrong(name, 'given: any JSON');
    return payload ?? 'null';
  }

  #take(name: string, raw: RawValue | undefined): string | undefined {
    if (raw !== undefined && raw.depth > MAX_DEPTH) this.#wrong(name, `nested no deeper than ${MAX_DEPTH}`);
    return raw && inLine(own(raw.text));
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? (this.#members[name] ?? undefined) : undefined;
  }

  #wrong(name: string, wanted: string): void {
    this.#problem.found(`${[...this.#path, name].join('.')} must be ${wanted}`);
  }
}
