import { fromHar } from './har-import.ts';
import { jsonLinesFormat, parseJsonLines } from './json-lines.ts';
import type { Recording } from './model.ts';
import { RecordingError } from './recording-error.ts';

// A file may be of either kind: what it begins with says which.

/** What a file had. */
export interface ReadRecording extends Recording {
  readonly format: 'jsonl' | 'har';
  /** Whether its last line was not whole, and was left out. JSON lines only. */
  readonly isCutOff: boolean;
  /** Requests in it that are no WebSockets. HAR only. */
  readonly skipped: number;
}

/**
 * Reads the text of a recording, as JSON lines or as a HAR.
 * @throws RecordingError if it is neither, or something in it is wrong
 */
export function readRecording(text: string): ReadRecording {
  const start = text.replace(/^\uFEFF/, '');
  if (start.trim() === '') throw new RecordingError('This is empty: it must be a recording, as JSON lines or as a HAR');
  // A HAR is one object, most often over many lines.
  const [first = ''] = start.split('\n', 1);
  if (first.includes(`"${jsonLinesFormat}"`)) return { ...parseJsonLines(start), format: 'jsonl', skipped: 0 };
  const value = parse(start);
  if (typeof value !== 'object' || value === null || !('log' in value)) throw neither();
  return { ...fromHar(value), format: 'har', isCutOff: false };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // What begins like a HAR is one that was cut off or damaged.
    if (!/^\s*\{\s*"log"/.test(text)) throw neither({ cause: error });
    throw new RecordingError('This begins as a HAR, but is not whole, or is no JSON', undefined, { cause: error });
  }
}

function neither(options?: ErrorOptions): RecordingError {
  const lines = `lines of JSON, of which the first has "format":"${jsonLinesFormat}"`;
  return new RecordingError(`This is no recording: it must be a HAR, or ${lines}`, undefined, options);
}
