import { request } from 'node:http';
import type { About } from '@tidewire/console/console-messages';
import { type ServiceOptions, startService } from 'tidewire';
import { onTestFinished } from 'vitest';

export const KEY = 'a-key-of-16-or-more';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A service with keys on a free port, until the end of the test. */
export async function serve(options: ServiceOptions = {}) {
  const api = { keys: [{ name: 'ops', key: KEY }] };
  const service = await startService({ port: 0, api, ...options });
  onTestFinished(() => service.stop(0));
  const { port } = service;
  const host = `127.0.0.1:${port}`;
  const origin = `http://${host}`;

  /** With the headers as they are: `fetch` has its own mind about Origin, Host and Cookie. */
  const ask = (path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const asked = request({ port, host: '127.0.0.1', path, method, headers: { ...json, ...headers } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        const { statusCode: status = 0 } = response;
        response.on('end', () => resolve({ status, headers: response.headers, body: text }));
      });
      asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  const logIn = (key: unknown = KEY, headers: Readonly<Record<string, string>> = { origin }) =>
    ask('/console/session', { method: 'POST', headers, body: { key } });
  const about = async (headers: Readonly<Record<string, string>> = {}): Promise<About> =>
    JSON.parse((await ask('/console/about', { headers })).body);
  return { service, port, host, origin, ask, logIn, about };
}

/** The cookie of an answer, as a browser sends it back. */
export function cookieOf({ headers }: Answer): string {
  return String(headers['set-cookie']).split(';', 1)[0] ?? '';
}
