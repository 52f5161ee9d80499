/** A file is no recording, or a part of it is not as it must be. The message says where, and what would be right. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  /** Of a file of JSON lines, from 1 on; `undefined` for a HAR. */
  readonly line: number | undefined;

  constructor(problem: string, line?: number | undefined, options?: ErrorOptions) {
    super(line === undefined ? problem : `Line ${line}: ${problem}`, options);
    this.line = line;
  }
}
