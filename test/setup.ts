import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';

// What tests need from the machine: Chromium, proxies, and the servers behind engines. On Debian, as root, they are installed;
// elsewhere the tests that need one that is missing are skipped, unless this is CI, where that is a failure.

declare module 'vitest' {
  /** The path of each, or the empty string. */
  interface ProvidedContext {
    chromium: string;
    nginx: string;
    haproxy: string;
    'nats-server': string;
    'redis-server': string;
    'rabbitmq-server': string;
    mosquitto: string;
    prosody: string;
    postgres: string;
    caddy: string;
    zsh: string;
    fish: string;
    systemd: string;
  }
}

interface Program {
  readonly name: keyof ProvidedContext;
  /** Its package in Debian. Default: the name. */
  readonly package?: string;
  readonly title: string;
  /** Names a path that is to be used in place of the usual ones. */
  readonly variable: string;
  readonly places: readonly string[];
  readonly tests: string;
}

const programs: readonly Program[] = [
  {
    name: 'chromium',
    title: 'Chromium',
    variable: 'CHROMIUM_PATH',
    places: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    tests: 'in a browser',
  },
  {
    name: 'nginx',
    title: 'nginx',
    variable: 'NGINX_PATH',
    places: ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'],
    tests: 'behind nginx',
  },
  {
    name: 'haproxy',
    title: 'HAProxy',
    variable: 'HAPROXY_PATH',
    places: ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/local/bin/haproxy', '/opt/homebrew/bin/haproxy'],
    tests: 'behind HAProxy',
  },
  {
    name: 'nats-server',
    title: 'the NATS server',
    variable: 'NATS_SERVER_PATH',
    places: [
      '/usr/sbin/nats-server',
      '/usr/bin/nats-server',
      '/usr/local/bin/nats-server',
      '/opt/homebrew/bin/nats-server',
    ],
    tests: 'over NATS',
  },
  {
    name: 'redis-server',
    title: 'Redis',
    variable: 'REDIS_SERVER_PATH',
    places: ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'],
    tests: 'over Redis',
  },
  {
    name: 'rabbitmq-server',
    title: 'RabbitMQ',
    variable: 'RABBITMQ_SERVER_PATH',
    places: ['/usr/sbin/rabbitmq-server', '/usr/local/sbin/rabbitmq-server', '/opt/homebrew/sbin/rabbitmq-server'],
    tests: 'with RabbitMQ',
  },
  {
    name: 'mosquitto',
    title: 'Mosquitto',
    variable: 'MOSQUITTO_PATH',
    places: ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'],
    tests: 'with Mosquitto',
  },
  {
    name: 'prosody',
    title: 'Prosody',
    variable: 'PROSODY_PATH',
    places: ['/usr/bin/prosody', '/usr/local/bin/prosody', '/opt/homebrew/bin/prosody'],
    tests: 'with Prosody',
  },
  {
    name: 'postgres',
    package: 'postgresql-15',
    title: 'PostgreSQL',
    variable: 'POSTGRES_PATH',
    places: ['/usr/lib/postgresql/15/bin/postgres', '/usr/local/bin/postgres', '/opt/homebrew/bin/postgres'],
    tests: 'with PostgreSQL',
  },
  {
    name: 'caddy',
    title: 'Caddy',
    variable: 'CADDY_PATH',
    places: ['/usr/bin/caddy', '/usr/local/bin/caddy', '/opt/homebrew/bin/caddy'],
    tests: 'behind Caddy',
  },
  {
    name: 'zsh',
    title: 'zsh',
    variable: 'ZSH_PATH',
    places: ['/usr/bin/zsh', '/bin/zsh', '/usr/local/bin/zsh'],
    tests: 'of completion in zsh',
  },
  {
    name: 'fish',
    title: 'fish',
    variable: 'FISH_PATH',
    places: ['/usr/bin/fish', '/usr/local/bin/fish', '/opt/homebrew/bin/fish'],
    tests: 'of completion in fish',
  },
  {
    name: 'systemd',
    title: 'systemd',
    variable: 'SYSTEMD_PATH',
    places: ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'],
    tests: 'of the unit of systemd',
  },
];

function find({ variable, places }: Program): string | undefined {
  const wanted = process.env[variable];
  if (wanted === undefined || wanted === '') return places.find((place) => existsSync(place));
  if (!existsSync(wanted)) throw new Error(`${variable} names no file: ${wanted}`);
  return wanted;
}

function install(missing: readonly Program[]): void {
  const isDebian = existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
  if (!isDebian || process.getuid?.() !== 0) return;
  console.log(`Installing Debian's packages of ${missing.map(({ title }) => title).join(', ')}, which are missing.`);
  const apt = (...words: string[]) =>
    execFileSync('apt-get', words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    apt('update');
    withoutServices(() =>
      apt('install', '--yes', '--no-install-recommends', ...missing.map((each) => each.package ?? each.name)),
    );
  } catch (error) {
    console.log(`They could not be installed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Debian starts what it installs, unless this program says 101. The tests start proxies of their own. */
function withoutServices(work: () => void): void {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    if (isOurs) rmSync(policy);
  }
}

export function setup(project: TestProject): void {
  const missing = programs.filter((program) => find(program) === undefined);
  if (missing.length > 0) install(missing);
  for (const program of programs) {
    const { name, title, variable, tests } = program;
    const path = find(program);
    if (path === undefined) {
      const advice = `No ${title} found: install it, or set ${variable}.`;
      if (process.env.CI === 'true') throw new Error(advice);
      console.log(`${advice} The tests ${tests} are skipped.`);
    }
    project.provide(name, path ?? '');
  }
}
