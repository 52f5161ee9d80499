import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Hub, HubOptions } from '@tidewire/hub';
import { type ApiDocument, type ApiOptions, createServerApi, type ServerApi } from 'tidewire';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startHub } from '../../../../hub/test/support/visiting.ts';

export const KEY = 'a key of 16 or more'.replaceAll(' ', '-');

/** One in which everything is possible, and one in which nothing is. */
const namespaces: NonNullable<HubOptions['namespaces']> = {
  '': { subscribe: 'everyone' },
  chat: { subscribe: 'everyone', history: { size: 100, ttl: 60_000 }, presence: true },
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** `undefined` if there is none. Of these fields it has those that its operation says. */
  readonly body: Body;
}

interface Position {
  readonly epoch: string;
  readonly offset: number;
}

interface Body {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly { readonly pointer?: string; readonly header?: string; readonly detail: string }[];
  readonly position: Position;
  readonly isDuplicate: boolean;
  readonly isComplete: boolean;
  readonly publications: readonly { readonly offset: number; readonly data: unknown; readonly info?: object }[];
  readonly failed: number;
  readonly results: readonly { readonly channel: string; readonly error?: object }[];
  readonly replies: readonly { readonly status: number; readonly result?: Partial<Body>; readonly error?: object }[];
  readonly problems: readonly { readonly type: string; readonly title: string; readonly status: number }[];
}

export interface Serving {
  readonly hub: Hub;
  readonly api: ServerApi;
  readonly server: Server;
  readonly url: string;
  readonly failures: unknown[];
  /** Asks with the key, and holds the answer against the document. */
  post(operation: string, body?: unknown, init?: RequestInit): Promise<Answer>;
  ask(path: string, init?: RequestInit): Promise<Answer>;
}

/** A hub and its API on a free port, until the end of the test. */
export async function serve(
  options: Partial<ApiOptions> & { readonly hub?: HubOptions; readonly failed?: (error: unknown) => void } = {},
): Promise<Serving> {
  const hub = await startHub({ namespaces, name: 'one', version: '1.2.3', ...options.hub });
  const failures: unknown[] = [];
  const keys = [{ name: 'backend', key: KEY }];
  const api = createServerApi(hub, { keys, ...options }, { failed: (error) => failures.push(error) });
  const server = createServer((request, response) => {
    if (!api.handle(request, response)) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const body = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body };
  };
  const post = async (operation: string, body: unknown = {}, init: RequestInit = {}): Promise<Answer> => {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...init.headers };
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await ask(`/api/${operation}`, { method: 'POST', body: sent, ...init, headers });
    expectAsDescribed(api.document, operation, answer);
    return answer;
  };
  return { hub, api, server, url, failures, post, ask };
}

/** The answer is one that the document tells of, and has the schema that it says there. */
export function expectAsDescribed(document: ApiDocument, operation: string, { status, headers, body }: Answer): void {
  const responses = document.paths?.[`/api/${operation}`]?.post?.responses ?? {};
  expect(Object.keys(responses), `${operation} ${status}`).toContain(String(status));
  const type = headers.get('content-type') ?? '';
  const { schema } = responses[status].content[type] ?? {};
  expect(schema, `${operation} ${status} as ${type}`).toBeDefined();
  const result = validatorOf(document, schema).safeParse(body);
  expect(result.error?.issues ?? [], `${operation} ${status} ${JSON.stringify(body)}`).toEqual([]);
}

/** From what the document says, and not from what it was made of. */
export function validatorOf(document: ApiDocument, schema: object): z.ZodType {
  const whole = { ...schema, $defs: document.components?.schemas ?? {} };
  return z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')));
}

/** The problem of this kind, and perhaps more of it. */
export const problem = (kind: string, status: number, more: object = {}) => ({
  status,
  body: { type: `/api/problems#${kind}`, title: expect.any(String), status, ...more },
});
