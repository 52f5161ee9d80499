import { text } from 'node:stream/consumers';
import { type ReadRecording, RecordingError, readRecording } from '@tidewire/inspector/recording';
import { readBounded } from '../bounded-file.ts';
import { describeSystemError, UsageError } from '../problem.ts';

// A recording, from a file or from the standard input.

/** Of a file, in bytes: it is read as a whole. */
const MOST = 256 * 1024 * 1024;

/**
 * @param file `-` for the standard input
 * @throws UsageError
 */
export async function readFile(file: string): Promise<ReadRecording> {
  const name = file === '-' ? 'The input' : file;
  let content: string;
  try {
    const bytes = file === '-' ? undefined : readBounded(file, MOST);
    if (file !== '-' && bytes === undefined) throw new UsageError(`${name} is larger than ${MOST} bytes`);
    content = bytes === undefined ? await readInput() : bytes.toString();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name} cannot be read: ${describeSystemError(error)}`);
  }
  try {
    return readRecording(content);
  } catch (error) {
    if (error instanceof RecordingError) throw new UsageError(`${name} cannot be sent again: ${error.message}`);
    throw error;
  }
}

async function readInput(): Promise<string> {
  async function* bounded() {
    let size = 0;
    for await (const chunk of process.stdin) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > MOST) throw new UsageError(`The input is larger than ${MOST} bytes`);
      yield chunk;
    }
  }
  return text(bounded());
}
