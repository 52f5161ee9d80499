import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { type ConsolePage, isForOperators, LOGIN_PATH, pagePaths } from '@tidewire/console/console-messages';
import { UsageError } from '../problem.ts';
import type { Answer } from './http.ts';

// The pages are small and few: all are read at the start, and a request can only name one of them. No path of a request
// ever reaches the file system.

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The pages connect to their own server only, except the one that opens a WebSocket to any URL that is typed in. The race
 * calls its server by a second name, too, which is not known here.
 */
const files: Readonly<Record<ConsolePage, { readonly file: string; readonly connectTo?: string }>> = {
  home: { file: 'index.html' },
  echo: { file: 'echo.html', connectTo: "'self' ws: wss:" },
  chat: { file: 'chat.html' },
  race: { file: 'race.html', connectTo: "'self' wss:" },
  overview: { file: 'overview.html' },
  channels: { file: 'channels.html' },
  connections: { file: 'connections.html' },
  inspector: { file: 'inspector.html' },
};

/**
 * What to answer to a GET of each of these pages and of what they load, by path; and of the page to log in on, if one of them needs
 * that.
 * @throws UsageError if the pages have not been built
 */
export function loadPages(pages: readonly ConsolePage[]): ReadonlyMap<string, Answer> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@tidewire/console/package.json')), 'dist/pages');
  const wanted = pages.map((page) => ({ path: pagePaths[page], ...files[page] }));
  if (pages.some(isForOperators)) wanted.push({ path: LOGIN_PATH, file: 'login.html' });
  const answers = new Map<string, Answer>();
  try {
    for (const { path, file, connectTo = "'self'" } of wanted) {
      const headers = { 'Cache-Control': 'no-cache', 'Content-Security-Policy': pagePolicy(connectTo) };
      answers.set(path, answerWith(join(folder, file), headers));
    }
    for (const file of readdirSync(join(folder, 'assets'))) {
      // The name of an asset has a hash of its content in it.
      const headers = { 'Cache-Control': 'public, max-age=31536000, immutable' };
      answers.set(`/assets/${file}`, answerWith(join(folder, 'assets', file), headers));
    }
  } catch (error) {
    throw new UsageError(`The pages are not there: run npm run build first (${String(error)})`, { cause: error });
  }
  return answers;
}

function answerWith(file: string, headers: Readonly<Record<string, string>>): Answer {
  const body = readFileSync(file);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const type = types[extname(file)] ?? 'application/octet-stream';
  return { status: 200, headers: { 'Content-Type': type, ETag: etag, ...headers }, body };
}

function pagePolicy(connectTo: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // The images of the chat and of the echo are shown from memory.
    "img-src 'self' blob:",
    `connect-src ${connectTo}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
