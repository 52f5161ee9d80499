import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { ConfigError } from '../../src/config/load.ts';
import { Cli, cliPath, type Finished } from '../support.ts';

/** A folder until the end of the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tidewire-config-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A file until the end of the test. */
export function write(content: string | Uint8Array, name = 'tidewire.yaml'): string {
  const path = join(folder(), name);
  writeFileSync(path, content);
  return path;
}

/** Runs a command with these variables, and none of its kind beside them. */
export function runWith(variables: Readonly<Record<string, string>>, ...args: string[]): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEWIRE_'));
  const cli = new Cli(args, process.execPath, [cliPath], { ...Object.fromEntries(inherited), ...variables });
  cli.process.stdin.end();
  return cli.finished;
}

/** What `tidewire config check` says of a file, in this process: starting many would take long. */
export function check(content: string | Uint8Array, environment: NodeJS.ProcessEnv = {}) {
  const file = write(content);
  // Where the file is says nothing.
  const plain = (text: string) => text.replaceAll(`${file}:`, '').replaceAll(file, 'FILE');
  try {
    return { isRight: true, stdout: plain(checkConfig({ file, environment })), lines: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { isRight: false, stdout: '', lines: error.lines.map(plain) };
  }
}
