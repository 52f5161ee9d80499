import { parsePattern, type Range, type Step, wordUnits } from './pattern-syntax.ts';

// Searches for a regular expression in a time that grows with the length of the text and nothing else: whoever sends messages must
// not be able to stop a server, or a page, that filters them. All that the expression may stand for is followed at once, one code
// unit after the other; a set of steps that was met before is known by what comes after it (a deterministic automaton, made as it is
// needed), so that most of the search is a look into a table.

/** What stood before: nothing, a letter of a word, or something else. */
type Before = 0 | 1 | 2;
const NOTHING = 0;
const WORD = 1;
const OTHER = 2;

/** A set of steps that are waited for, and what comes after it for each kind of unit. */
interface State {
  readonly steps: readonly number[];
  readonly before: Before;
  readonly next: (State | undefined)[];
  /** Whether it is found if the text ends here. */
  endsFound: boolean | undefined;
}

/** So many are remembered before all are forgotten. */
const MOST_STATES = 2000;

const FOUND: State = { steps: [], before: NOTHING, next: [], endsFound: true };

/** A regular expression, ready to be searched for. */
export class Pattern {
  readonly #steps: readonly Step[];
  readonly #start: number;
  /** Units that no step tells apart are of one kind. */
  readonly #kinds: Uint16Array;
  /** One unit of each. */
  readonly #examples: readonly number[];
  #states = new Map<string, State>();

  /** @throws PatternError */
  constructor(source: string) {
    const { steps, start } = parsePattern(source);
    this.#steps = steps;
    this.#start = start;
    const { kinds, examples } = kindsOf(steps.flatMap((step) => (step.type === 'unit' ? step.ranges : [])));
    this.#kinds = kinds;
    this.#examples = examples;
  }

  /** Whether it is anywhere in the first `length` code units. */
  isIn(text: string, length: number = text.length): boolean {
    const most = Math.min(length, text.length);
    let state = this.#state([this.#start], NOTHING);
    for (let at = 0; at < most; at++) {
      const kind = this.#kinds[text.charCodeAt(at)] ?? 0;
      let next = state.next[kind];
      if (next === undefined) {
        next = this.#after(state, kind);
        state.next[kind] = next;
      }
      if (next === FOUND) return true;
      state = next;
    }
    state.endsFound ??= this.#reached(state, NOTHING).isFound;
    return state.endsFound;
  }

  #after(state: State, kind: number): State {
    const unit = this.#examples[kind] ?? 0;
    const before = isWord(unit) ? WORD : OTHER;
    const { isFound, units } = this.#reached(state, before);
    if (isFound) return FOUND;
    const next = new Set([this.#start]);
    for (const { ranges, to } of units) if (isWithin(ranges, unit)) next.add(to);
    return this.#state(
      [...next].sort((one, other) => one - other),
      before,
    );
  }

  /** What the steps lead to without another unit, if that is of this kind. */
  #reached({ steps, before }: State, after: Before) {
    const units: Extract<Step, { type: 'unit' }>[] = [];
    const seen = new Set(steps);
    let isFound = false;
    for (const each of seen) {
      const step = this.#steps[each];
      if (step === undefined) continue;
      if (step.type === 'found') isFound = true;
      else if (step.type === 'unit') units.push(step);
      else if (step.type === 'split') seen.add(step.to).add(step.or);
      else if (holds(step.what, before, after)) seen.add(step.to);
    }
    return { isFound, units };
  }

  #state(steps: readonly number[], before: Before): State {
    const key = `${before}:${steps.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= MOST_STATES) this.#states = new Map();
    const state: State = { steps, before, next: [], endsFound: undefined };
    this.#states.set(key, state);
    return state;
  }
}

function holds(what: '^' | '$' | 'b' | 'B', before: Before, after: Before): boolean {
  if (what === '^') return before === NOTHING;
  if (what === '$') return after === NOTHING;
  const isBoundary = (before === WORD) !== (after === WORD);
  return what === 'b' ? isBoundary : !isBoundary;
}

function isWord(unit: number): boolean {
  return isWithin(wordUnits, unit);
}

function isWithin(ranges: readonly Range[], unit: number): boolean {
  return ranges.some(([first, last]) => unit >= first && unit <= last);
}

/** Cuts all units into kinds at the ends of these ranges, and of those of words. */
function kindsOf(ranges: readonly Range[]) {
  const cuts = new Set([0]);
  for (const [first, last] of [...ranges, ...wordUnits]) cuts.add(first).add(last + 1);
  const kinds = new Uint16Array(0x10000);
  const examples = [...cuts].filter((cut) => cut < kinds.length).sort((one, other) => one - other);
  for (const [kind, first] of examples.entries()) kinds.fill(kind, first, examples[kind + 1]);
  return { kinds, examples };
}
