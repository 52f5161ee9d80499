import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { operationNames } from '../../../src/service/api/operation-names.ts';
import { serve, validatorOf } from './support.ts';

const page = readFileSync(new URL('../../../../../docs/http-api.md', import.meta.url), 'utf8');

describe('the OpenAPI document', () => {
  test('is served to everybody, as the library gives it', async () => {
    const { api, ask } = await serve();
    const { status, headers, body } = await ask('/api/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(body).toEqual(JSON.parse(JSON.stringify(api.document)));
    expect(api.document.openapi).toBe('3.1.0');
  });

  test('describes operations that all answer, and refuse who has no key', async () => {
    const { api, ask } = await serve();
    const paths = Object.keys(api.document.paths ?? {});
    expect(paths).toEqual([...operationNames, 'batch'].map((name) => `/api/${name}`));
    for (const path of paths) {
      const headers = { 'content-type': 'application/json' };
      expect((await ask(path, { method: 'POST', headers, body: '{}' })).status, path).toBe(401);
    }
  });

  test('has a name, a summary, a security and all problems for each operation', async () => {
    const { api } = await serve();
    for (const [path, { post }] of Object.entries(api.document.paths ?? {})) {
      expect(post?.operationId).toBe(path.slice('/api/'.length));
      expect(post?.summary).toMatch(/^[A-Z]/);
      expect(post?.security).toEqual([{ bearer: [] }, { key: [] }]);
      const statuses = Object.keys(post?.responses ?? {});
      expect(statuses).toEqual(['200', '400', '401', '403', '404', '409', '413', '415', '429', '500', '503']);
    }
  });

  test('leads nowhere that it does not', async () => {
    const { api } = await serve();
    const text = JSON.stringify(api.document);
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name);
    expect(references.length).toBeGreaterThan(50);
    const schemas = Object.keys(api.document.components?.schemas ?? {});
    expect(references.filter((name) => !schemas.includes(name))).toEqual([]);
    expect(schemas.filter((name) => !references.includes(name))).toEqual([]);
  });

  test('takes and refuses the same requests as the service', async () => {
    const { api, post } = await serve();
    const requests: readonly (readonly [operation: string, body: object])[] = [
      ['publish', { channel: 'chat:a', data: null }],
      ['publish', { channel: 'chat:a' }],
      ['publish', { channel: '', data: 1 }],
      ['publish', { channel: 'chat:a', data: 1, more: 1 }],
      ['publish', { channel: 'chat:a', data: 1, tags: { a: 1 } }],
      ['broadcast', { channels: ['chat:a'], data: [] }],
      ['broadcast', { channels: [], data: [] }],
      ['history', { channel: 'chat:a', limit: 10_000 }],
      ['history', { channel: 'chat:a', limit: 10_001 }],
      ['history', { channel: 'chat:a', limit: 1.5 }],
      ['disconnect', { user: 'a', code: 5000 }],
      ['refresh', { user: 'a', expiresAt: '2027' }],
      ['channels', { pattern: 'chat:*' }],
      ['info', { a: 1 }],
      ['batch', { commands: [{ info: {} }] }],
      ['batch', { commands: [{ info: {}, channels: {} }] }],
      ['batch', { commands: [{}] }],
      ['batch', { commands: [{ other: {} }] }],
    ];
    for (const [operation, body] of requests) {
      const described = api.document.paths?.[`/api/${operation}`]?.post?.requestBody;
      if (described === undefined || '$ref' in described) throw new Error(`${operation} has no body`);
      const schema = described.content['application/json']?.schema ?? {};
      const isGood = validatorOf(api.document, schema).safeParse(body).success;
      const { status } = await post(operation, body);
      expect(status === 400, `${operation} ${JSON.stringify(body)}`).toBe(!isGood);
    }
  });
});

describe('the kinds of problems', () => {
  test('are listed where their types lead', async () => {
    const { ask } = await serve();
    const { status, body } = await ask('/api/problems');
    expect(status).toBe(200);
    expect(body.problems.length).toBeGreaterThan(15);
    for (const each of body.problems) expect(each.type).toMatch(/^\/api\/problems#[a-z-]+$/);
  });
});

describe('docs/http-api.md', () => {
  test('has every operation with all fields of its request and its answer', async () => {
    const { api } = await serve();
    for (const [path, { post }] of Object.entries(api.document.paths ?? {})) {
      const [, section = ''] = page.split(`\n### ${path.slice('/api/'.length)}\n`);
      const text = section.split(/\n##/)[0] ?? '';
      expect(text, path).not.toBe('');
      const body = post?.requestBody;
      if (body === undefined || '$ref' in body) throw new Error(`${path} has no body`);
      for (const schema of [
        body.content['application/json']?.schema,
        post?.responses?.['200'].content['application/json'].schema,
      ]) {
        for (const field of fieldsOf(api.document, schema)) expect(text, `${path}: ${field}`).toContain(`\`${field}\``);
      }
    }
  });

  test('has every kind of problem under an anchor of its name, with its status', async () => {
    const { ask } = await serve();
    const { body } = await ask('/api/problems');
    const kinds = body.problems.map(({ type, status }) => `${type.split('#')[1]} ${status}`);
    const explained = [...page.matchAll(/^\| <a id="([a-z-]+)"><\/a>`\1` \| (\d{3}) \|/gm)];
    expect(explained.map(([, kind, status]) => `${kind} ${status}`)).toEqual(kinds);
  });
});

/** The names at the first level of a schema. */
function fieldsOf(document: object, schema: unknown): string[] {
  const { $ref, properties = {} }: { $ref?: string; properties?: object } = Object(schema);
  if ($ref === undefined) return Object.keys(properties);
  const steps = $ref.split('/').slice(1);
  return fieldsOf(
    document,
    steps.reduce<unknown>((found, step) => Object(found)[step], document),
  );
}
