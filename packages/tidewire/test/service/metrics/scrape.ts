/** What a scrape has said, of all metrics or of those whose names begin so. */
export interface Scrape {
  /** Types by name, as `# TYPE` says them. */
  readonly types: ReadonlyMap<string, string>;
  /** Values by the name and the labels as they stand there. */
  readonly values: ReadonlyMap<string, number>;
}

export function parseScrape(text: string): Scrape {
  const types = new Map<string, string>();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== '') types.set(name, type);
    const [, series = '', value = ''] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (series !== '') values.set(series, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value));
  }
  return { types, values };
}

export async function scrape(port: number, init: RequestInit = {}): Promise<Scrape> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, init);
  if (response.status !== 200) throw new Error(`/metrics has answered ${response.status}`);
  return parseScrape(await response.text());
}
