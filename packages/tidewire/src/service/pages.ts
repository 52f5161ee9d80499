import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
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
const pages = [
  { path: '/', file: 'index.html', connectTo: "'self'" },
  { path: '/echo', file: 'echo.html', connectTo: "'self' ws: wss:" },
  { path: '/chat', file: 'chat.html', connectTo: "'self'" },
  { path: '/race', file: 'race.html', connectTo: "'self' wss:" },
];

/**
 * What to answer to a GET of each page and of what the pages load, by path.
 * @throws UsageError if the pages have not been built
 */
export function loadPages(): ReadonlyMap<string, Answer> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@tidewire/console/package.json')), 'dist/pages');
  const answers = new Map<string, Answer>();
  try {
    for (const { path, file, connectTo } of pages) {
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
