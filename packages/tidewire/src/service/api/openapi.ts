import { createRequire } from 'node:module';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { BatchSchemas } from './batch.ts';
import type { Operation } from './operation.ts';
import { kinds, PROBLEM_TYPE, PROBLEMS_PATH } from './problems.ts';
import { problem } from './schemas.ts';

// What the API is, for programs: OpenAPI 3.1.

export const DOCUMENT_PATH = '/api/openapi.json';

/** What any operation may be answered with, beside 200. */
const failures = [...new Set(Object.values(kinds).map(({ status }) => status))].filter((status) => status !== 405);

const waiting = new Set([429, 503]);

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait.', required: true, schema: { type: 'integer' as const } },
};

const titles = (status: number) =>
  Object.entries(kinds)
    .filter(([, kind]) => kind.status === status)
    .map(([name]) => `\`${name}\``)
    .join(', ');

/** Says what an operation is, which does not make it answer. */
type Registry = OpenAPIHono['openAPIRegistry'];

export function describeOperations(registry: Registry, operations: readonly Operation[], batch: BatchSchemas): void {
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'key', { type: 'apiKey', in: 'header', name: 'X-API-Key' });
  for (const operation of operations) describe(registry, operation);
  describe(registry, {
    name: 'batch',
    summary: 'Do several things in one request',
    description: 'Either the whole request is refused, or each command has a reply of its own.',
    ...batch,
  });
}

function describe(
  registry: Registry,
  {
    name,
    summary,
    description,
    input,
    output,
  }: Pick<Operation, 'name' | 'summary' | 'description' | 'input' | 'output'>,
): void {
  const problems = failures.map((status) => [status, problemResponse(status)] as const);
  registry.registerPath({
    method: 'post',
    path: `/api/${name}`,
    operationId: name,
    summary,
    ...(description === undefined ? {} : { description }),
    security: [{ bearer: [] }, { key: [] }],
    request: {
      headers: z.object({
        'Idempotency-Key': z.string().max(255).optional().openapi({ description: 'See `idempotencyKey`.' }),
        traceparent: z
          .string()
          .optional()
          .openapi({ description: 'W3C Trace Context: the log names it when something fails.' }),
        tracestate: z.string().optional(),
      }),
      body: { required: true, content: { 'application/json': { schema: input } } },
    },
    responses: {
      200: { description: 'It is done.', content: { 'application/json': { schema: output } } },
      ...Object.fromEntries(problems),
    },
  });
}

function problemResponse(status: number) {
  return {
    description: `A problem: ${titles(status)}.`,
    content: { [PROBLEM_TYPE]: { schema: problem } },
    ...(waiting.has(status) ? { headers: retryAfter } : {}),
  };
}

const { version }: { readonly version: string } = createRequire(import.meta.url)('../../../package.json');

export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

export function documentOf(app: Pick<OpenAPIHono, 'getOpenAPI31Document'>): ApiDocument {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Tidewire server API',
      version,
      description:
        'For the servers of an application: publish, see who is there, send people away. ' +
        `Problems are told by RFC 9457; GET ${PROBLEMS_PATH} lists their types.`,
      license: { name: 'MIT' },
    },
  });
}
