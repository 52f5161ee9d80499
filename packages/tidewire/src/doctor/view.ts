import { countOf, type Finding, type Grade, type Section } from './finding.ts';

// The findings for a person.

const marks: Readonly<Record<Grade, string>> = { ok: '✓', note: '·', warning: '!', problem: '✗', unknown: '?' };
const colours: Readonly<Record<Grade, number>> = { ok: 32, note: 36, warning: 33, problem: 31, unknown: 35 };

/** @param width of the terminal, in columns */
export function inWords(sections: readonly Section[], width: number, isColoured: boolean): string {
  const parts = sections.map(({ title, findings }) =>
    [title, '', ...findings.map((finding) => lines(finding, width, isColoured))].join('\n'),
  );
  return `${[...parts, summary(sections)].join('\n\n')}\n`;
}

function lines({ grade, what, why, mend }: Finding, width: number, isColoured: boolean): string {
  const mark = isColoured ? `\x1b[${colours[grade]}m${marks[grade]}\x1b[0m` : marks[grade];
  const first = wrap(what, width - 4).join('\n    ');
  const more = why === undefined ? [] : wrap(why, width - 4).map((line) => `    ${line}`);
  // What is to be typed stands as it is.
  const cure = (mend ?? []).map((line) => `    ${line}`);
  return [`  ${mark} ${first}`, ...more, ...cure].join('\n');
}

function summary(sections: readonly Section[]): string {
  const [problems, warnings, unknown] = (['problem', 'warning', 'unknown'] as const).map((each) =>
    countOf(sections, each),
  );
  if (problems === 0 && warnings === 0) return unknown === 0 ? 'All is well.' : `All is well, as far as it was tried.`;
  return `${count(problems ?? 0, 'problem')}, ${count(warnings ?? 0, 'warning')}.`;
}

function count(number: number, of: string): string {
  return `${number} ${of}${number === 1 ? '' : 's'}`;
}

function wrap(text: string, width: number): readonly string[] {
  const wrapped: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      wrapped.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...wrapped, line];
}
