import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawChart } from './chart.ts';
import type { Machine } from './machine.ts';
import type { ScenarioResult } from './summary.ts';

// What is kept of a run: a file of figures and a chart per scenario, which say by themselves where they come from.

const directory = fileURLToPath(new URL('../../../results/', import.meta.url));

export interface RecordedResult extends ScenarioResult {
  readonly measured: Machine & { readonly date: string; readonly rounds: number; readonly seconds: number };
}

export async function keepResult(result: RecordedResult): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const rounded = JSON.stringify(
    result,
    (_key, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value),
    2,
  );
  writeFileSync(`${directory}${result.id}.json`, `${rounded}\n`);
  writeFileSync(`${directory}${result.id}.svg`, await drawChart(result));
}

export function readResult(id: string): RecordedResult | undefined {
  const file = `${directory}${id}.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
