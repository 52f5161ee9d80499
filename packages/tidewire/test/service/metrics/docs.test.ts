import { readFileSync } from 'node:fs';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scrape } from './scrape.ts';

const read = (path: string) => readFileSync(new URL(`../../../../../docs/${path}`, import.meta.url), 'utf8');
const page = read('monitoring.md');
const dashboard = read('grafana/tidewire.json');

let service: Service;
let types: ReadonlyMap<string, string>;

beforeAll(async () => {
  service = await startService({ port: 0 });
  types = (await scrape(service.port)).types;
});
afterAll(() => service.stop());

/** Those of queries, without what a histogram adds to its name. */
function metricsIn(queries: string): Set<string> {
  const names = [...queries.matchAll(/\b(?:tidewire|nodejs|process)_\w+/g)].map(([name]) => name);
  return new Set(names.map((name) => (types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''))));
}

const unknownOf = (queries: string) => [...metricsIn(queries)].filter((name) => !types.has(name));

interface Dashboard {
  readonly panels: readonly { readonly type: string; readonly title: string; readonly targets?: { expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

describe('the dashboard', () => {
  const { panels, templating }: Dashboard = JSON.parse(dashboard);

  test('asks for metrics that the service has', () => {
    const queries = [...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), templating.list];
    expect(metricsIn(JSON.stringify(queries)).size).toBeGreaterThan(40);
    expect(unknownOf(JSON.stringify(queries))).toEqual([]);
  });

  test('shows every metric of the service', () => {
    const shown = metricsIn(dashboard);
    expect([...types.keys()].filter((name) => name.startsWith('tidewire_') && !shown.has(name))).toEqual([]);
  });

  test('has its rows, and lets instances and namespaces be chosen', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual([
      'Connections',
      'Messages',
      'Latency',
      'Recovery and gaps',
      'Slow consumers',
      'Engine',
      'Process',
    ]);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance', 'namespace']);
    const ofAll = panels.flatMap(({ targets = [] }) => targets).filter(({ expr }) => !expr.includes('$instance'));
    expect(ofAll).toEqual([]);
  });
});

describe('docs/monitoring.md', () => {
  test('explains every metric of the service, and no other, with its type in its name', () => {
    const explained = [...page.matchAll(/^\| `(tidewire_\w+)` \|/gm)].map(([, name = '']) => name);
    expect(explained.toSorted()).toEqual([...types.keys()].filter((name) => name.startsWith('tidewire_')).toSorted());
    for (const [name, type] of types) {
      if (!name.startsWith('tidewire_')) continue;
      expect(type, name).toBe(/_total$/.test(name) ? 'counter' : /_seconds$/.test(name) ? 'histogram' : 'gauge');
    }
  });

  test('names metrics only that there are', () => {
    expect(unknownOf(page)).toEqual([]);
  });

  test('has alerts that Prometheus could read', () => {
    const [, rules = ''] = /```yaml\n(# rules\.yml\n[\s\S]*?)```/.exec(page) ?? [];
    const { groups }: { groups: { rules: { alert: string; expr: string; annotations: object }[] }[] } = parse(rules);
    const alerts = groups.flatMap((group) => group.rules);
    expect(alerts.length).toBeGreaterThan(5);
    for (const { alert, expr, annotations } of alerts) {
      expect(alert).toMatch(/^Tidewire[A-Z]\w+$/);
      expect(metricsIn(expr).size).toBeGreaterThan(0);
      expect(annotations).toHaveProperty('summary');
    }
  });
});
