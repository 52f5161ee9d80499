import { createWriteStream, type WriteStream } from 'node:fs';
import type { Batch, Recorder } from '@tidewire/inspector';
import {
  connectionLine,
  endLine,
  headLine,
  maskConnection,
  maskMessage,
  messageLine,
} from '@tidewire/inspector/recording';
import { openNew } from '../new-file.ts';
import { describeWriteError, UsageError } from '../problem.ts';

// A file that gets everything that is recorded while it happens, so that whatever ends the process, what came before is there.

/** Bytes that may wait for the disk. When it is more, the recording is not whole any more, and ends. */
const MOST_WAITING = 256 * 1024 * 1024;

export class RecordFile {
  /** Rejects with a UsageError when nothing more can be written. Never resolves. */
  readonly failed: Promise<never>;
  readonly #path: string;
  readonly #stream: WriteStream;
  readonly #showsSecrets: boolean;
  readonly #stop: () => void;
  #fail: (error: UsageError) => void = () => {};

  /** @throws UsageError if the file is there already, or cannot be made */
  constructor(path: string, recorder: Recorder, showsSecrets: boolean) {
    this.#path = path;
    this.#showsSecrets = showsSecrets;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Nobody may wait for it yet.
    this.failed.catch(() => {});
    this.#stream = createWriteStream(path, { fd: openNew('--record', path) });
    this.#stream.on('error', (error) => {
      this.#fail(new UsageError(`--record ${path} cannot be written: ${describeWriteError(error)}`));
    });
    this.#stream.write(headLine());
    this.#stop = recorder.listen((batch) => this.#write(batch));
  }

  /** Writes what is still to be written. */
  close(): Promise<void> {
    this.#stop();
    return new Promise((resolve) => {
      this.#stream.once('close', () => resolve());
      this.#stream.end();
    });
  }

  #write({ connections, messages, changed }: Batch): void {
    if (this.#stream.writableLength > MOST_WAITING) {
      this.#stop();
      this.#fail(new UsageError(`--record ${this.#path}: the disk is slower than what is to be written`));
      return;
    }
    const shown = this.#showsSecrets ? connections : connections.map(maskConnection);
    const lines = shown.map(({ end: _, ...open }) => connectionLine(open));
    for (const record of [...messages, ...changed]) {
      lines.push(messageLine(this.#showsSecrets ? record : maskMessage(record)));
    }
    // A connection ends behind its last message.
    for (const { id, end } of shown) if (end !== undefined) lines.push(endLine(id, end));
    this.#stream.write(lines.join(''));
  }
}
