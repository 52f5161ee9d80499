// Runs the suites that stand on Node's sockets under every version of Node that is supported, because reading into a
// shared buffer (packages/node/src/shared-read.ts) stands on properties of Node that are not documented: a version that
// drops them is found out here. The binaries come from the npm registry and are kept in node_modules/.cache/nodes; each is
// the newest of its line at the time. With `--contract`, as in `npm test`, it is only what both ways of reading and all
// carriers of a WebSocket have to pass and what becomes of upgrades, and not under the version that has just run everything.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAJORS = [20, 22, 24, 26];
const SUITES = ['node', 'server', 'client', 'pipes'].flatMap((name) => ['--project', name]);
const CONTRACT = [
  ...['node', 'server', 'pipes'].flatMap((name) => ['--project', name]),
  ...['stream-pipe', 'sockets', 'attachment', 'test/pipes'],
];
/** In milliseconds. */
const INSTALL_TIME = 300_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const isContract = process.argv.includes('--contract');
const current = Number.parseInt(process.versions.node, 10);
const isWindows = process.platform === 'win32';
const platformPackage = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;

/** @param {number} major */
function binaryOf(major) {
  if (major === current) return process.execPath;
  return `${folderOf(major)}/node_modules/${platformPackage}/bin/node${isWindows ? '.exe' : ''}`;
}

/** @param {number} major */
function folderOf(major) {
  return `${root}node_modules/.cache/nodes/${major}`;
}

/** @param {number} major */
async function install(major) {
  if (existsSync(binaryOf(major))) return;
  console.log(`Node ${major} is missing: installing ${platformPackage}@${major} from the npm registry.`);
  const words = `install --prefix ${folderOf(major)} --no-save --no-package-lock --ignore-scripts --fetch-retries=1`;
  try {
    await promisify(execFile)('npm', [...words.split(' '), `${platformPackage}@${major}`], {
      timeout: INSTALL_TIME,
      shell: isWindows,
    });
  } catch (error) {
    const said = error.killed ? `npm took longer than ${INSTALL_TIME / 1000} s` : String(error.stderr || error).trim();
    throw new Error(`Node ${major} could not be installed, so nothing is known of it. ${said}`);
  }
}

/** @param {number} major */
function run(major) {
  const binary = binaryOf(major);
  const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (!stdout?.startsWith(`v${major}.`)) throw new Error(`${binary} does not run here as Node ${major}`);
  console.log(`\nNode ${stdout.trim()}`);
  const suites = isContract ? CONTRACT : SUITES;
  const vitest = [`${root}node_modules/vitest/vitest.mjs`, 'run', '--reporter=dot', ...suites];
  return spawnSync(binary, vitest, { cwd: root, stdio: 'inherit' }).status === 0;
}

try {
  const majors = MAJORS.filter((major) => !isContract || major !== current);
  await Promise.all(majors.map(install));
  const failed = majors.filter((major) => !run(major));
  if (failed.length > 0) throw new Error(`The tests fail on Node ${failed.join(', ')}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
