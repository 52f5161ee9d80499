// Reads a regular expression into steps of an automaton. What JavaScript takes is taken, without flags, but for what cannot be
// searched for in a time that grows with the text alone: looking ahead and behind, and references back.

/** The pattern cannot be searched for. The message says why. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Code units from the first to the last, both included. */
export type Range = readonly [first: number, last: number];

/** A step of the automaton; `to` and `or` are numbers of steps. */
export type Step =
  | { readonly type: 'unit'; readonly ranges: readonly Range[]; to: number }
  | { readonly type: 'split'; to: number; or: number }
  | { readonly type: 'assert'; readonly what: Assertion; to: number }
  | { readonly type: 'found' };

/** The beginning, the end, and between a word and something else or not. */
export type Assertion = '^' | '$' | 'b' | 'B';

/** The steps: counted repetitions are as many copies. */
const MOST_STEPS = 1000;

const LAST = 0xffff;
export const digits: readonly Range[] = [[0x30, 0x39]];
export const wordUnits: readonly Range[] = [...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
/** ECMA-262: WhiteSpace and LineTerminator. */
const spaces: readonly Range[] = [
  ...([
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
  ] as const),
  ...([
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ] as const),
];
const lineEnds: readonly Range[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** Makes the steps of what it stands for, of which the last leads to `next`, and says which is the first. */
type Part = (next: number) => number;

/**
 * The steps of a pattern.
 * @throws PatternError
 */
export function parsePattern(source: string): { readonly steps: readonly Step[]; readonly start: number } {
  try {
    new RegExp(source);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /s, '') : String(error);
    throw new PatternError(`This is no regular expression: ${why.toLowerCase()}`, { cause: error });
  }
  const parser = new Parser(source);
  const part = parser.alternatives();
  const found = parser.add({ type: 'found' });
  const start = part(found);
  return { steps: parser.steps, start };
}

class Parser {
  readonly steps: Step[] = [];
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  add(step: Step): number {
    if (this.steps.length >= MOST_STEPS) {
      throw new PatternError(
        `This regular expression is too large: it may have ${MOST_STEPS} steps, counting repetitions`,
      );
    }
    return this.steps.push(step) - 1;
  }

  alternatives(): Part {
    const first = this.#sequence();
    if (!this.#takes('|')) return first;
    const rest = this.alternatives();
    return (next) => this.add({ type: 'split', to: first(next), or: rest(next) });
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#peek())) parts.push(this.#repeated());
    return (next) => parts.reduceRight((after, part) => part(after), next);
  }

  #repeated(): Part {
    const part = this.#atom();
    const [least, most] = this.#quantifier();
    // A repetition of nothing would lead around without end: such a loop is only ever entered, and goes on with what is next.
    return (next) => {
      let after = next;
      if (most === Number.POSITIVE_INFINITY) {
        const loop: Step = { type: 'split', to: next, or: next };
        after = this.add(loop);
        loop.to = part(after);
      } else {
        for (let count = most; count > least; count--) after = this.add({ type: 'split', to: part(after), or: next });
      }
      for (let count = 0; count < least; count++) after = part(after);
      return after;
    };
  }

  /** Whether it is lazy makes no difference to whether something is found. */
  #quantifier(): readonly [least: number, most: number] {
    const rest = this.#source.slice(this.#at, this.#at + 40);
    const [whole, sign, first, comma, second] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(rest) ?? [];
    if (whole === undefined) return [1, 1];
    this.#at += whole.length;
    if (sign === '*') return [0, Number.POSITIVE_INFINITY];
    if (sign === '+') return [1, Number.POSITIVE_INFINITY];
    if (sign === '?') return [0, 1];
    const least = Number(first);
    const most = comma === '' ? least : second === '' ? Number.POSITIVE_INFINITY : Number(second);
    if (least > MOST_STEPS || (Number.isFinite(most) && most > MOST_STEPS)) this.add({ type: 'found' });
    return [least, most];
  }

  #atom(): Part {
    const unit = this.#next();
    switch (unit) {
      case '(':
        return this.#group();
      case '[':
        return this.#unit(this.#class());
      case '.':
        return this.#unit(inverse(lineEnds));
      case '^':
      case '$':
        return (next) => this.add({ type: 'assert', what: unit, to: next });
      case '\\':
        return this.#escaped();
      default:
        return this.#unit(one(unit));
    }
  }

  #group(): Part {
    if (this.#takes('?')) {
      if (/^(?:<?[=!])/.test(this.#source.slice(this.#at))) throw unbounded('look-ahead and look-behind');
      const [named] = /^<[^>]*>/.exec(this.#source.slice(this.#at)) ?? [];
      if (named !== undefined) this.#at += named.length;
      else if (!this.#takes(':'))
        throw new PatternError('Flags within a regular expression, as in (?i:…), are not known here');
    }
    const part = this.alternatives();
    this.#takes(')');
    return part;
  }

  #escaped(): Part {
    const unit = this.#peek();
    if (unit === 'b' || unit === 'B') {
      this.#at += 1;
      return (next) => this.add({ type: 'assert', what: unit, to: next });
    }
    return this.#unit(this.#escape());
  }

  /** What stands behind a backslash, also in a class. */
  #escape(): readonly Range[] {
    const unit = this.#next();
    const hex = /^(?:x([\da-f]{2})|u([\da-f]{4}))/i.exec(unit + this.#source.slice(this.#at, this.#at + 4));
    const code = hex?.[1] ?? hex?.[2];
    if (code !== undefined) {
      this.#at += code.length;
      return one(String.fromCharCode(Number.parseInt(code, 16)));
    }
    if (/[1-9k]/.test(unit) || (unit === '0' && /\d/.test(this.#peek())))
      throw unbounded('references back, and octal escapes,');
    const known = escapes[unit];
    if (known !== undefined) return known;
    if (unit === 'c' && /[a-z]/i.test(this.#peek())) return one(String.fromCharCode(this.#next().charCodeAt(0) % 32));
    return one(unit);
  }

  #class(): readonly Range[] {
    const isInverse = this.#takes('^');
    const ranges: Range[] = [];
    while (this.#at < this.#source.length && !this.#takes(']')) {
      const first = this.#classAtom();
      const isRange = this.#peek() === '-' && this.#source[this.#at + 1] !== ']';
      if (!isRange) {
        ranges.push(...first);
        continue;
      }
      this.#at += 1;
      const last = this.#classAtom();
      const [from, to] = [single(first), single(last)];
      if (from !== undefined && to !== undefined) ranges.push([from, to]);
      // As in [\w-.]: the hyphen stands for itself.
      else ranges.push(...first, ...one('-'), ...last);
    }
    return isInverse ? inverse(ranges) : ranges;
  }

  #classAtom(): readonly Range[] {
    const unit = this.#next();
    if (unit !== '\\') return one(unit);
    if (this.#takes('b')) return one('\b');
    return this.#escape();
  }

  #unit(ranges: readonly Range[]): Part {
    return (next) => this.add({ type: 'unit', ranges, to: next });
  }

  #peek(): string {
    return this.#source[this.#at] ?? '';
  }

  #next(): string {
    const unit = this.#peek();
    this.#at += 1;
    return unit;
  }

  #takes(unit: string): boolean {
    if (this.#peek() !== unit) return false;
    this.#at += 1;
    return true;
  }
}

const escapes: Readonly<Record<string, readonly Range[]>> = {
  d: digits,
  D: inverse(digits),
  w: wordUnits,
  W: inverse(wordUnits),
  s: spaces,
  S: inverse(spaces),
  n: one('\n'),
  r: one('\r'),
  t: one('\t'),
  f: one('\f'),
  v: one('\v'),
  '0': one('\0'),
};

function one(unit: string): readonly Range[] {
  const code = unit.charCodeAt(0);
  return [[code, code]];
}

function single([range, ...more]: readonly Range[]): number | undefined {
  return range !== undefined && more.length === 0 && range[0] === range[1] ? range[0] : undefined;
}

/** All code units that are in none of the ranges. */
function inverse(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  let from = 0;
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (first > from) result.push([from, first - 1]);
    from = Math.max(from, last + 1);
  }
  if (from <= LAST) result.push([from, LAST]);
  return result;
}

function unbounded(what: string): PatternError {
  return new PatternError(`In this regular expression ${what} cannot be used: the search might take for ever`);
}
