import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

// What the tests of the whole need from the machine: Chromium. On Debian, as root, it is installed; elsewhere the tests
// in a browser are skipped, unless this is CI, where a browser that is missing is a failure.

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of a Chromium, or the empty string. */
    chromium: string;
  }
}

const places = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

function find(): string | undefined {
  const { CHROMIUM_PATH: wanted } = process.env;
  if (wanted !== undefined && !existsSync(wanted)) throw new Error(`CHROMIUM_PATH names no file: ${wanted}`);
  return places.find((place) => place !== '' && existsSync(place));
}

function install(): void {
  const isDebian = existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
  if (!isDebian || process.getuid?.() !== 0) return;
  console.log('Chromium is missing: installing the Debian package.');
  const apt = (...words: string[]) =>
    execFileSync('apt-get', words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', 'chromium');
  } catch (error) {
    console.log(`Chromium could not be installed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function setup(project: TestProject): void {
  if (find() === undefined) install();
  const chromium = find();
  if (chromium === undefined) {
    const advice = 'No Chromium found: install it, or set CHROMIUM_PATH.';
    if (process.env.CI === 'true') throw new Error(advice);
    console.log(`${advice} The tests in a browser are skipped.`);
  }
  project.provide('chromium', chromium ?? '');
}
