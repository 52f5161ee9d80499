import { defineConfig } from 'vitest/config';

// Tests import the packages' sources, so that a failing line is a line of the source and coverage is measured there.
const conditions = ['tidewire-source'];
const project = (name: string, include: string[]) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // What is polled for gets more than the second that is the default: that is little where a browser shares two cores.
  test: { name, include, testTimeout: 20_000, hookTimeout: 60_000, expect: { poll: { timeout: 15_000 } } },
});

const pipes = ['test/pipes/**/*.test.ts'];
const clusters = ['test/cluster/**/*.test.ts'];
const engines = project('engines', ['packages/engine-*/test/**/*.test.ts']);
const gateway = project('gateway', ['packages/gateway/test/**/*.test.ts']);
const cluster = project('cluster', clusters);
const whole = project('whole', ['test/**/*.test.ts']);

export default defineConfig({
  test: {
    projects: [
      project('protocol', ['packages/protocol/test/**/*.test.ts']),
      project('tunnel', ['packages/tunnel/test/**/*.test.ts']),
      project('node', ['packages/node/test/**/*.test.ts']),
      project('server', ['packages/server/test/**/*.test.ts']),
      project('client', ['packages/client/test/**/*.test.ts']),
      project('hub', ['packages/hub/test/**/*.test.ts']),
      { ...engines, test: { ...engines.test, globalSetup: ['test/setup.ts'] } },
      project('dialects', ['packages/dialects/test/**/*.test.ts']),
      project('codecs', ['packages/codecs/test/**/*.test.ts']),
      project('inspector', ['packages/inspector/test/**/*.test.ts']),
      project('load', ['packages/load/test/**/*.test.ts']),
      { ...gateway, test: { ...gateway.test, globalSetup: ['test/setup.ts'] } },
      project('console', ['packages/console/test/**/*.test.ts']),
      project('tidewire', ['packages/tidewire/test/**/*.test.ts']),
      project('conformance', ['conformance/**/*.test.ts']),
      project('pipes', pipes),
      // By itself, when all others are through: it takes the whole machine.
      { ...cluster, test: { ...cluster.test, globalSetup: ['test/setup.ts'], sequence: { groupOrder: 1 } } },
      { ...whole, test: { ...whole.test, exclude: [...pipes, ...clusters], globalSetup: ['test/setup.ts'] } },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/protocol/src/**', 'packages/tunnel/src/**'],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
      reporter: ['text', 'html'],
    },
  },
});
