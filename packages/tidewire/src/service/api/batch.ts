import { z } from '@hono/zod-openapi';
import type { Hub } from '@tidewire/hub';
import { problemOf } from './failures.ts';
import type { Grant } from './keys.ts';
import { check, type Operation, type Prepared, type RequestContext } from './operation.ts';
import { problem } from './schemas.ts';

// Several commands in one request. The request is checked as a whole before the first is done; after that each command
// succeeds or fails by itself.

/** Commands in one batch. */
const MOST_COMMANDS = 1000;

interface Command {
  readonly operation: string;
  readonly prepared: Prepared;
}

export interface BatchSchemas {
  readonly input: z.ZodType<{ commands: Record<string, unknown>[]; isParallel?: boolean | undefined }>;
  readonly output: z.ZodType;
}

export function batchSchemas(operations: readonly Operation[]): BatchSchemas {
  const inputs = Object.fromEntries(operations.map(({ name, input }) => [name, input.optional()]));
  const command = z
    .strictObject(inputs)
    .refine((value) => Object.keys(value).length === 1, 'must have the name of one operation')
    .openapi('BatchCommand', {
      description: 'The name of one operation, and what it is given.',
      minProperties: 1,
      maxProperties: 1,
      example: { publish: { channel: 'chat:lobby', data: { text: 'Hello' } } },
    });
  const reply = z
    .strictObject({
      status: z.int().openapi({ description: 'As if the command had been a request.', example: 200 }),
      result: z.union(operations.map(({ output }) => output)).optional(),
      error: problem.optional(),
    })
    .openapi('BatchReply', { description: 'Either `result` or `error`.' });
  return {
    input: z
      .strictObject({
        commands: z.array(command).min(1).max(MOST_COMMANDS),
        isParallel: z.boolean().optional().openapi({
          description: 'Whether a command begins before the last has ended. Default `false`.',
        }),
      })
      .openapi('BatchRequest'),
    output: z
      .strictObject({
        failed: z.int().min(0).openapi({ description: 'The number of commands that failed.' }),
        replies: z.array(reply).openapi({ description: 'In the order of the commands.' }),
      })
      .openapi('BatchResponse'),
  };
}

export interface BatchSetting {
  readonly hub: Hub;
  readonly grant: Grant;
  readonly context: RequestContext;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly schemas: BatchSchemas;
}

type Reply =
  | { readonly status: number; readonly result: unknown }
  | { readonly status: number; readonly error: object };

/** @throws Problem `invalid-request` */
export async function runBatch(body: unknown, setting: BatchSetting): Promise<{ failed: number; replies: Reply[] }> {
  const { commands, isParallel = false } = check(setting.schemas.input, body);
  const prepared = commands.map((command) => prepare(command, setting.operations));
  const run = (command: Command, index: number) => runCommand(command, index, setting);
  const replies = isParallel ? await Promise.all(prepared.map(run)) : await inTurn(prepared, run);
  return { failed: replies.filter((reply) => 'error' in reply).length, replies };
}

function prepare(command: Record<string, unknown>, operations: ReadonlyMap<string, Operation>): Command {
  const [[name, input] = ['', undefined]] = Object.entries(command);
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`The schema of a batch has let the operation ${name} through`);
  return { operation: name, prepared: operation.prepare(input) };
}

async function runCommand({ operation, prepared }: Command, index: number, setting: BatchSetting): Promise<Reply> {
  const { hub, grant, context } = setting;
  try {
    grant.count();
    grant.check(operation, prepared.channels);
    const key = context.idempotencyKey;
    // The same batch sent again has the same key for each of its commands.
    const idempotencyKey = key === undefined ? undefined : `${key}/${index}`;
    return { status: 200, result: await prepared.run(hub, { ...context, idempotencyKey }) };
  } catch (error) {
    const { status, details } = problemOf(error, context.failed);
    return { status, error: details };
  }
}

async function inTurn<Each, Result>(list: readonly Each[], run: (each: Each, index: number) => Promise<Result>) {
  const results: Result[] = [];
  for (const [index, each] of list.entries()) results.push(await run(each, index));
  return results;
}
