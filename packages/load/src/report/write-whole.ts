import { randomUUID } from 'node:crypto';
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

// Files are written whole or not at all: beside their place, and then moved there.

/** Whether a file could be written there, before hours have been spent on what is to be in it. @throws an error of the system */
export function assertWritable(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
  }
  accessSync(dirname(resolve(file)), constants.W_OK | constants.X_OK);
}

/** @throws an error of the system */
export function writeWhole(file: string, text: string): void {
  const place = resolve(file);
  // What is there and no file, such as /dev/stdout, cannot be moved onto.
  if (statSync(place, { throwIfNoEntry: false })?.isFile() === false) {
    writeFileSync(place, text);
    return;
  }
  const beside = join(dirname(place), `.${randomUUID()}.tmp`);
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    renameSync(beside, place);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
