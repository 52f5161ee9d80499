// What the doctor finds, whatever it looked at.

/**
 * ok: nothing stands in the way. note: worth knowing. warning: will stand in the way of some. problem: does stand in the way.
 * unknown: it could not be found out, and `what` says why.
 */
export type Grade = 'ok' | 'note' | 'warning' | 'problem' | 'unknown';

export interface Finding {
  /** Stable, for programs: `open-files`. */
  readonly check: string;
  readonly grade: Grade;
  /** What there is, in a sentence with its figures. */
  readonly what: string;
  /** Why it matters. Left out where all is well. */
  readonly why?: string | undefined;
  /** What mends it: commands, which begin with `$ `, lines of a configuration, or words. */
  readonly mend?: readonly string[] | undefined;
}

/** A group of findings, under a heading. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

export function countOf(sections: readonly Section[], grade: Grade): number {
  return sections.reduce((sum, { findings }) => sum + findings.filter((each) => each.grade === grade).length, 0);
}
