import { createRequire } from 'node:module';
import { type ConsolePage, consolePages, isForOperators } from '@tidewire/console/console-messages';
import type { Logger } from 'pino';
import type { ServiceOptions } from '../options.ts';
import { loadPages } from '../pages.ts';
import type { Part } from '../site.ts';
import { consoleRequests } from './console-requests.ts';
import type { ConsoleSessions } from './sessions.ts';

const { version }: { readonly version: string } = createRequire(import.meta.url)('../../../package.json');

/**
 * These pages, and what they ask about the service and about who has logged in. Of any service: which pages it has, and whose keys
 * are good, is its own business.
 * @throws UsageError if the pages have not been built
 */
export function consolePart(pages: readonly ConsolePage[], sessions: ConsoleSessions, log: Logger | undefined): Part {
  const answers = loadPages(pages);
  return {
    live: [consoleRequests({ sessions, pages, version, log })],
    resources: [(path) => answers.get(path)],
  };
}

/** The pages of a service, in the order in which they are shown. */
export function pagesWith({
  playground,
  console,
  inspector = false,
}: Pick<ServiceOptions, 'playground' | 'console' | 'inspector'>) {
  return consolePages.filter((page) => {
    if (page === 'inspector' && inspector === false) return false;
    return (isForOperators(page) ? console : playground) !== false;
  });
}
