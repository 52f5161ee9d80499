import { once } from 'node:events';
import { createRequire } from 'node:module';
import {
  createInspectorEndpoint,
  InspectingProxy,
  Inspector,
  type OriginChange,
  type Target,
} from '@tidewire/inspector';
import type { InspectFlags } from '../commands/inspect.ts';
import type { ListenAddress } from '../commands/values.ts';
import { withoutCredentials } from '../connect/format.ts';
import { codeOf, describeSystemError, UsageError } from '../problem.ts';
import { readAuthorities, readTlsFiles } from '../service/tls.ts';
import { InspectorConsole } from './inspector-console.ts';
import { printMessages } from './print.ts';
import { RecordFile } from './record-file.ts';

// `tidewire inspect`: a proxy, a console, and perhaps a file and lines in the terminal.

const { version }: { readonly version: string } = createRequire(import.meta.url)('../../package.json');

const LISTEN: ListenAddress = { host: '127.0.0.1', port: 8400 };
const CONSOLE: ListenAddress = { host: '127.0.0.1', port: 8401 };

/** For the server to take a connection when this begins, in milliseconds. */
const PROBE_TIMEOUT = 10_000;

/**
 * Runs until a signal ends it.
 * @throws UsageError
 */
export async function inspect(url: string, flags: InspectFlags): Promise<void> {
  const parsed = readUrl(url);
  const { showSecrets = false } = flags;
  const inspector = new Inspector({ bytes: flags.keep });
  const proxy = new InspectingProxy({
    inspector,
    target: {
      url: parsed,
      ca: flags.ca === undefined ? undefined : readAuthorities('--ca', flags.ca),
      insecure: flags.insecure,
    },
    tls: readTlsFiles(flags.cert, flags.key),
    origin: originOf(flags.origin),
  });
  const { target } = proxy;
  await probe(target);
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')]);
  const listens = await listen('--listen', flags.listen, LISTEN, (host, port) => proxy.listen(host, port));
  const page = new InspectorConsole((authorize) =>
    createInspectorEndpoint({
      inspector,
      target: target.webSocketOrigin,
      listens,
      masks: !showSecrets,
      version,
      authorize,
    }),
  );
  const address = await listen('--console', flags.console, CONSOLE, (host, port) => page.listen(host, port));
  const file = flags.record === undefined ? undefined : new RecordFile(flags.record, inspector.recorder, showSecrets);
  const path = parsed.pathname === '/' ? '' : `${parsed.pathname}${parsed.search}`;
  process.stdout.write(
    `Inspecting ${target.webSocketOrigin}. Ctrl-C ends it.\n  clients connect to  ${listens}${path}\n  console             ${address}\n`,
  );
  if (flags.print === true) printMessages(inspector.recorder, process.stdout, showSecrets);
  if (flags.open ?? process.stdout.isTTY === true) await openBrowser(page.linkOnce());
  await Promise.race([stopped, ...(file === undefined ? [] : [file.failed])]);
  await Promise.all([proxy.close(), page.close()]);
  await file?.close();
}

/** @throws UsageError */
function readUrl(text: string): URL {
  const shown = withoutCredentials(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:wss?|https?):$/.test(url.protocol) || url.hostname === '') {
    throw new UsageError(`${shown} is not the URL of a server: it must begin with ws://, wss://, http:// or https://`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(`${shown} must be without user and password: clients send their own`);
  }
  return url;
}

function originOf(origin: string | undefined): OriginChange {
  if (origin === undefined) return 'own';
  return origin === 'keep' ? 'keep' : { is: origin };
}

/**
 * Nobody is served by a proxy in front of nothing.
 * @throws UsageError if nobody is there
 */
async function probe(target: Target): Promise<void> {
  const socket = target.connect();
  try {
    const ready = 'encrypted' in socket ? 'secureConnect' : 'connect';
    await once(socket, ready, { signal: AbortSignal.timeout(PROBE_TIMEOUT) });
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'AbortError';
    const why = isLate ? `it took no connection within ${PROBE_TIMEOUT / 1000} s` : describeConnectError(error);
    throw new UsageError(`${target.webSocketOrigin} cannot be reached: ${why}`);
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

function describeConnectError(error: unknown): string {
  const text = describeSystemError(error);
  if (codeOf(error) === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'it does not speak TLS there (ws://?)';
  return /certificate|self-signed|altnames/i.test(text) || /CERT/.test(codeOf(error) ?? '')
    ? `its certificate is not trusted: ${text} (--ca, --insecure)`
    : text;
}

/**
 * Listens where it was asked to, or at the usual port, or at a free one.
 * @throws UsageError
 */
async function listen(
  flag: string,
  asked: ListenAddress | undefined,
  usual: ListenAddress,
  act: (host: string, port: number) => Promise<string>,
): Promise<string> {
  const { host, port } = asked ?? usual;
  try {
    return await act(host, port);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (asked === undefined && codeOf(error) === 'EADDRINUSE') return await listen(flag, { host, port: 0 }, usual, act);
    throw new UsageError(`Nothing can listen on ${host}, port ${port}: ${describeSystemError(error)} (${flag})`);
  }
}

/** Where there is no browser, there is still the line with the URL. */
async function openBrowser(address: string): Promise<void> {
  const { default: open } = await import('open');
  try {
    const browser = await open(address);
    browser.on('error', () => {});
  } catch {
    process.stderr.write('tidewire: No browser could be opened: open the console yourself\n');
  }
}
