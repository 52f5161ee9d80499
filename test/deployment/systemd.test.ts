import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from '@tidewire/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../servers/free-port.ts';
import { hasSystemd, Systemd } from './systemd.ts';

// The unit of docs/deployment, in a systemd of the test's own.

const cli = fileURLToPath(new URL('../../packages/tidewire/dist/cli.js', import.meta.url));
const unit = readFileSync(new URL('../../docs/deployment/tidewire.service', import.meta.url), 'utf8');
const UNIT = 'tidewire.service';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tidewire-unit-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** The unit with what differs here; a user's manager makes no users. */
function unitFor(configuration: string, ...without: RegExp[]): string {
  const command = `ExecStart=${process.execPath} ${cli} serve --config ${configuration}`;
  const changed = unit.replace(/^ExecStart=.*$/m, command);
  return without.reduce((text, line) => text.replace(line, ''), changed);
}

async function running(text: (port: number) => string): Promise<{ systemd: Systemd; port: number; file: string }> {
  const [port, path] = [await freePort(), folder()];
  const file = join(path, 'tidewire.yaml');
  writeFileSync(file, text(port));
  const own = /^(?:DynamicUser|StateDirectory|ProtectSystem|ProtectHome|PrivateTmp|PrivateDevices)=.*\n/gm;
  const systemd = await Systemd.start({ [UNIT]: unitFor(file, own) });
  return { systemd, port, file };
}

const configured = (port: number) => `listen: { port: ${port} }\nlog: { level: warn }\n`;

/** Resolves when the service answers. */
async function ready(port: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(!hasSystemd)('the unit of systemd', { timeout: 40_000 }, () => {
  it('is one that systemd understands in all its lines', () => {
    const path = folder();
    writeFileSync(join(path, UNIT), unitFor('/etc/tidewire/tidewire.yaml'));
    const said = execFileSync('sh', ['-c', `systemd-analyze verify ${join(path, UNIT)} 2>&1`], { encoding: 'utf8' });
    expect(said.split('\n').filter((line) => line.includes(UNIT))).toEqual([]);
  });

  it('starts the service, reloads it, starts it again when it dies, and drains it when it is stopped', async () => {
    const { systemd, port } = await running(configured);
    systemd.control('start', UNIT);
    await ready(port);
    expect(systemd.show(UNIT, 'LimitNOFILE')).toBe('65536');

    const first = systemd.show(UNIT, 'MainPID');
    systemd.control('reload', UNIT);
    expect(systemd.show(UNIT, 'ActiveState')).toBe('active');
    expect(systemd.show(UNIT, 'MainPID')).toBe(first);

    systemd.control('kill', '--signal=KILL', UNIT);
    await systemd.until(UNIT, 'NRestarts', (count) => count === '1');
    await ready(port);
    expect(systemd.show(UNIT, 'MainPID')).not.toBe(first);

    const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    systemd.control('stop', UNIT);
    expect(await closed).toBe(1001);
    expect(systemd.show(UNIT, 'Result')).toBe('success');
    expect(systemd.show(UNIT, 'ExecMainStatus')).toBe('0');
  });

  it('does not try again with a configuration that is wrong', async () => {
    const { systemd } = await running((port) => `listen: { prot: ${port} }\n`);
    systemd.control('start', UNIT);
    await systemd.until(UNIT, 'ActiveState', (state) => state === 'failed');
    expect(systemd.show(UNIT, 'ExecMainStatus')).toBe('2');
    expect(systemd.show(UNIT, 'NRestarts')).toBe('0');
  });
});
