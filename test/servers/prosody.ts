import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { endProcess, untilSaid } from './programs.ts';

// A Prosody of a test's own, with everything of it in a directory of its own. It speaks to clients only, never to other servers.

export interface ProsodyOptions {
  /** The domain. */
  readonly host: string;
  /** Passwords by user. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Its certificate and key, in PEM: it then offers STARTTLS, and speaks TLS from the first byte on at another port. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Lines of its configuration, in Lua. */
  readonly settings?: readonly string[];
}

const modules = ['saslauth', 'roster', 'disco', 'ping', 'register', 'smacks', 'presence', 'message', 'iq'];

export class ProsodyServer {
  readonly port: number;
  /** Of TLS from the first byte on. */
  readonly directTlsPort: number;
  readonly #path: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'tidewire-prosody-'));
  #process: ChildProcess | undefined;

  /** @param path of the program */
  static async start(path: string, options: ProsodyOptions): Promise<ProsodyServer> {
    const [port, directTlsPort] = await Promise.all([freePort(), freePort()]);
    const server = new ProsodyServer(path, port, directTlsPort, options);
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(path: string, port: number, directTlsPort: number, options: ProsodyOptions) {
    const { host, accounts, tls, settings = [] } = options;
    this.#path = path;
    this.port = port;
    this.directTlsPort = directTlsPort;
    const place = (...names: string[]) => join(this.#directory, ...names);
    const quoted = (text: string) => JSON.stringify(text);
    mkdirSync(place('data', inPath(host), 'accounts'), { recursive: true });
    for (const [user, password] of Object.entries(accounts)) {
      writeFileSync(
        place('data', inPath(host), 'accounts', `${inPath(user)}.dat`),
        `return { ["password"] = ${quoted(password)}; };\n`,
      );
    }
    const lines = [
      'run_as_root = true',
      `data_path = ${quoted(place('data'))}`,
      `pidfile = ${quoted(place('prosody.pid'))}`,
      'log = { info = "*console" }',
      'interfaces = { "127.0.0.1" }',
      `c2s_ports = { ${port} }`,
      `c2s_direct_tls_ports = { ${tls === undefined ? '' : directTlsPort} }`,
      's2s_ports = { }',
      'modules_disabled = { "s2s" }',
      `modules_enabled = { ${[...modules, ...(tls === undefined ? [] : ['tls'])].map(quoted).join(', ')} }`,
      'authentication = "internal_hashed"',
      // Clients in JavaScript would take seconds for more.
      'default_iteration_count = 100',
      'c2s_require_encryption = false',
      'allow_unencrypted_plain_auth = true',
      ...settings,
      `VirtualHost ${quoted(host)}`,
    ];
    if (tls !== undefined) {
      writeFileSync(place('cert.pem'), tls.cert);
      writeFileSync(place('key.pem'), tls.key, { mode: 0o600 });
      lines.unshift(`ssl = { certificate = ${quoted(place('cert.pem'))}; key = ${quoted(place('key.pem'))} }`);
      lines.unshift(
        `c2s_direct_tls_ssl = { certificate = ${quoted(place('cert.pem'))}; key = ${quoted(place('key.pem'))} }`,
      );
    }
    writeFileSync(place('prosody.cfg.lua'), `${lines.join('\n')}\n`);
  }

  /** Starts it again, on the same ports and with what it has on disk. */
  async start(): Promise<void> {
    const child = spawn(this.#path, ['-F', '--config', join(this.#directory, 'prosody.cfg.lua')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    await untilSaid(child, /Activated service 'c2s' on \[127\.0\.0\.1\]/);
  }

  /** Resolves when the process is gone. With SIGTERM it says goodbye to its clients, with SIGKILL their connections are cut. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await endProcess(child, signal);
  }

  /** Ends it and removes what it has on disk. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** As Prosody names its files. */
function inPath(name: string): string {
  return name.replace(/[^\w]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
