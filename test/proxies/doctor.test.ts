import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHaproxy, startNginx } from './support/documented.ts';
import { serve } from './support/endpoint.ts';
import { freePort, haproxyPath, nginxPath, runNginx } from './support/run-proxy.ts';

// What `tidewire doctor` finds through real proxies, well and badly configured.

const cli = fileURLToPath(new URL('../../packages/tidewire/dist/cli.js', import.meta.url));

interface Found {
  readonly check: string;
  readonly grade: string;
  readonly what: string;
}

async function examine(...args: string[]): Promise<Readonly<Record<string, Found>>> {
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [cli, 'doctor', '--json', ...args], (error, out, stderr) => {
      if (error !== null && error.code !== 1) reject(new Error(stderr));
      else resolve(out);
    });
  });
  const { sections } = JSON.parse(stdout) as { sections: { findings: Found[] }[] };
  return Object.fromEntries(sections.flatMap(({ findings }) => findings).map((each) => [each.check, each]));
}

/** The file of an authority. */
function fileOf(ca: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ca.pem'), ca);
  return join(folder, 'ca.pem');
}

async function plainNginx(backend: number, directives = ''): Promise<string> {
  const port = await freePort();
  await runNginx(`server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${backend}; ${directives} }
  }`);
  return `ws://127.0.0.1:${port}/echo`;
}

describe.skipIf(nginxPath === '')('the doctor behind nginx', () => {
  it('sees that the upgrade is not passed on', async () => {
    const { port } = await serve();
    const found = await examine(await plainNginx(port), '--idle', 'none');
    expect(found.upgrade).toMatchObject({ grade: 'problem', what: expect.stringMatching(/nginx/) });
    expect(found.streaming?.grade).toBe('ok');
  });

  it('sees that answers are held back until they are complete', async () => {
    const { port } = await serve();
    const url = await plainNginx(port, 'proxy_ignore_headers X-Accel-Buffering;');
    expect((await examine(url, '--idle', 'none')).streaming?.grade).toBe('warning');
  });

  it('finds the silence after which it cuts, and nothing else wrong where it is as documented', async () => {
    const { port } = await serve({ heartbeat: false });
    const { url, tls } = await startNginx([port], true);
    const found = await examine(url, '--ca', fileOf(tls.ca), '--idle', '4s', '--echo', '--max-message', '256KiB');
    expect(found.idle).toMatchObject({ grade: 'warning', what: expect.stringMatching(/after [23]\.\d s, with 1006/) });
    const others = Object.values(found).filter(
      ({ check, grade }) => check !== 'idle' && grade !== 'ok' && grade !== 'note',
    );
    expect(others).toEqual([]);
  });

  it('sees a certificate that nobody trusts', async () => {
    const { port } = await serve();
    const { url } = await startNginx([port]);
    expect((await examine(url, '--idle', 'none')).certificate).toMatchObject({ grade: 'problem' });
  });
});

describe.skipIf(haproxyPath === '')('the doctor behind HAProxy', () => {
  it('finds WebSockets on HTTP/2, and nothing wrong where it is as documented', async () => {
    const { port } = await serve();
    const { url, tls } = await startHaproxy([port]);
    const found = await examine(url, '--ca', fileOf(tls.ca), '--idle', '1s');
    expect(found.http2?.grade).toBe('ok');
    expect(Object.values(found).filter(({ grade }) => grade === 'problem' || grade === 'warning')).toEqual([]);
  });
});
