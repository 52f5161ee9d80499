import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';

// A systemd of the test's own: a manager for a user, which knows no units but those that it is given, in a mount namespace in which
// it may have /run to itself.

const manager = inject('systemd');

/** Whether there can be one: mount namespaces are for root. */
export const hasSystemd = manager !== '' && process.getuid?.() === 0;

export class Systemd {
  readonly #environment: NodeJS.ProcessEnv;

  /** @param units by the names of their files */
  static async start(units: Readonly<Record<string, string>>): Promise<Systemd> {
    const folder = mkdtempSync(join(tmpdir(), 'tidewire-systemd-'));
    const [runtime, unitPath] = [join(folder, 'run'), join(folder, 'units')];
    for (const each of [runtime, unitPath]) mkdirSync(each);
    const targets = ['basic', 'exit', 'shutdown', 'network-online', 'multi-user'].map((name) => [
      `${name}.target`,
      '[Unit]\n',
    ]);
    for (const [name, text] of [...targets, ...Object.entries(units)])
      writeFileSync(join(unitPath, name ?? ''), text ?? '');
    const environment = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: runtime, SYSTEMD_UNIT_PATH: unitPath };
    const script = `mount --make-rprivate / && mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec ${manager} --user --unit=basic.target --log-target=console`;
    const child = spawn('unshare', ['--mount', 'sh', '-c', script], { env: environment, stdio: 'ignore' });
    const systemd = new Systemd(environment);
    onTestFinished(async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      systemd.control('stop', ...Object.keys(units));
      // Nothing is left that it would have to end.
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    });
    while (!existsSync(join(runtime, 'systemd/private'))) await new Promise((resolve) => setTimeout(resolve, 50));
    return systemd;
  }

  private constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** @throws what systemctl says, if it fails */
  control(...words: string[]): string {
    return execFileSync('systemctl', ['--user', ...words], { env: this.#environment, encoding: 'utf8' });
  }

  /** What systemd knows of a unit. */
  show(unit: string, property: string): string {
    return this.control('show', '--value', `--property=${property}`, unit).trim();
  }

  /** Resolves when a property of a unit is so. */
  async until(unit: string, property: string, isSo: (value: string) => boolean): Promise<string> {
    for (;;) {
      const value = this.show(unit, property);
      if (isSo(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
