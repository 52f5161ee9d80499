// Runs the examples of one page, given as files, one after the other in one process, so that a client further down can
// talk to a server further up. An example is over when nothing but listening servers is left of it.

import { pathToFileURL } from 'node:url';

const listening = new Set(['TCPServerWrap', 'PipeServerWrap', 'PipeWrap']);
const isIdle = () => process.getActiveResourcesInfo().every((resource) => listening.has(resource));

for (const file of process.argv.slice(2)) {
  await import(pathToFileURL(file).href);
  do await new Promise(setImmediate);
  while (!isIdle());
}
process.exit(0);
