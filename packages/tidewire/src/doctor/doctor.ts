import type { DoctorFlags } from '../commands/doctor.ts';
import { withoutCredentials } from '../connect/format.ts';
import { assertUrl } from '../connect/websocket-url.ts';
import { readAuthorities } from '../service/tls.ts';
import { examineUrl, type UrlExamination } from './examine.ts';
import { countOf, type Section } from './finding.ts';
import { examineMachine } from './machine/machine.ts';
import { inWords } from './view.ts';

// What `tidewire doctor` does: looks, says what it found, and answers with an exit code.

/** Columns of lines that go to no terminal. */
const WIDTH = 100;

/**
 * @returns the exit code
 * @throws UsageError
 */
export async function doctor(url: string | undefined, flags: DoctorFlags): Promise<number> {
  const stop = new AbortController();
  const sections: Section[] = [];
  // Who asks about a way asks about this machine only if it says so.
  if (url === undefined || flags.machine === true) sections.push(examineMachine(flags.connections));
  if (url !== undefined) {
    assertUrl(url);
    process.once('SIGINT', () => stop.abort());
    const progress = new Progress(flags.json !== true);
    sections.push(
      await examineUrl(examinationOf(url, flags, stop.signal), withoutCredentials(url), (what) => progress.show(what)),
    );
    progress.clear();
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ sections }, undefined, 2)}\n`);
  else process.stdout.write(inWords(sections, Math.min(process.stdout.columns ?? WIDTH, 120), isColoured()));
  return countOf(sections, 'problem') === 0 ? 0 : 1;
}

function examinationOf(url: string, flags: DoctorFlags, signal: AbortSignal): UrlExamination {
  const ca = flags.ca === undefined ? {} : { ca: readAuthorities('--ca', flags.ca) };
  return {
    reach: {
      url: new URL(url),
      subprotocols: flags.subprotocol ?? [],
      options: { ...(flags.header === undefined ? {} : { headers: flags.header }), tls: ca },
    },
    idle: flags.idle === false ? undefined : { patience: flags.idle, signal },
    echo: flags.echo === true ? flags.maxMessage : undefined,
  };
}

function isColoured(): boolean {
  return process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
}

/** A line on stderr that says what is being found out, where that is a terminal. */
class Progress {
  readonly #isShown: boolean;

  constructor(isWanted: boolean) {
    this.#isShown = isWanted && process.stderr.isTTY === true;
  }

  show(what: string): void {
    if (this.#isShown) process.stderr.write(`\r\x1b[KLooking at ${what} …`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K');
  }
}
