import { isAbsolute, join } from 'node:path';
import { readBounded } from '../bounded-file.ts';
import { describeSystemError } from '../problem.ts';
import type { Layers } from './layers.ts';
import { type KeyPath, showPath } from './outline.ts';
import type { Problem } from './problems.ts';

// The files that a configuration names: certificates, keys, secrets. What is wrong with one is a problem of its key.

/** Larger than any key or certificate, in bytes. */
const MAX_SIZE = 1024 * 1024;

export interface FileContent {
  /** Of the key that names the file. */
  readonly path: KeyPath;
  readonly bytes: Buffer;
}

export class ConfigFiles {
  readonly problems: Problem[] = [];
  /** What was read, by the path of its key. */
  readonly contents = new Map<string, FileContent>();
  readonly #layers: Layers;

  constructor(layers: Layers) {
    this.#layers = layers;
  }

  /** Relative to the file that names it, or to the working directory. */
  pathOf(path: KeyPath, file: string): string {
    return isAbsolute(file) ? file : join(this.#layers.folderOf(path), file);
  }

  /** `undefined` if it cannot be read, which is a problem, or none is named. */
  read(path: KeyPath, file: string | undefined): Buffer | undefined {
    if (file === undefined) return undefined;
    const full = this.pathOf(path, file);
    try {
      const bytes = readBounded(full, MAX_SIZE);
      if (bytes === undefined) this.complain(path, `${full} is larger than ${MAX_SIZE} bytes`);
      else this.contents.set(showPath(path), { path, bytes });
      return bytes;
    } catch (error) {
      this.complain(path, `${full} cannot be read: ${describeSystemError(error)}`);
    }
    return undefined;
  }

  /** The text of a file, without the line end behind it. */
  text(path: KeyPath, file: string | undefined): string | undefined {
    const text = this.read(path, file)
      ?.toString('utf8')
      .replace(/\r?\n$/, '');
    if (text === '') this.complain(path, `${file} is empty`);
    return text;
  }

  /** A secret that stands under `key`, or in the file that stands under the same key with `File` behind it. */
  secret<Key extends string>(
    section: KeyPath,
    key: Key,
    values: { readonly [Name in Key | `${Key}File`]?: string | undefined },
  ) {
    const value: string | undefined = values[key];
    const file: string | undefined = values[`${key}File`];
    const path = [...section, `${key}File`];
    if (value !== undefined && file !== undefined)
      this.complain(path, `says the same as ${key}: leave one of them out`);
    return value ?? this.text(path, file);
  }

  complain(path: KeyPath, text: string): void {
    this.problems.push({ path, text });
  }
}
