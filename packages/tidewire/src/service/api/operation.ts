import type { z } from '@hono/zod-openapi';
import type { Hub } from '@tidewire/hub';
import type { OperationName } from './operation-names.ts';
import { Problem } from './problems.ts';
import type { ProblemDetails } from './schemas.ts';

// One thing that the API can do: what it is given, what it answers, and how it is done. Requests, commands of a batch and the
// OpenAPI document are all made of the same table of these.

/** What a request says beside its body. */
export interface RequestContext {
  readonly idempotencyKey: string | undefined;
  /** Is told of what nobody could expect, for the log. */
  failed(error: unknown): void;
}

export interface OperationDefinition<Input extends z.ZodType, Output extends z.ZodType> {
  /** The last part of its path. */
  readonly name: OperationName;
  readonly summary: string;
  readonly description?: string | undefined;
  readonly input: Input;
  readonly output: Output;
  /** The channels that a request is about; `undefined` if it is about something else. */
  channels(input: z.output<Input>): readonly string[] | undefined;
  run(hub: Hub, input: z.output<Input>, context: RequestContext): Promise<z.input<Output>>;
}

/** A request that has been found to be right. */
export interface Prepared {
  readonly channels: readonly string[] | undefined;
  run(hub: Hub, context: RequestContext): Promise<unknown>;
}

export interface Operation {
  readonly name: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /**
   * @param body as it was parsed
   * @throws Problem `invalid-request`
   */
  prepare(body: unknown): Prepared;
}

export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  definition: OperationDefinition<Input, Output>,
): Operation {
  const { name, summary, description, input, output } = definition;
  return {
    name,
    summary,
    description,
    input,
    output,
    prepare(body) {
      const checked = check(input, body);
      return {
        channels: definition.channels(checked),
        run: (hub, context) => definition.run(hub, checked, context),
      };
    },
  };
}

/**
 * @returns what the schema makes of the value
 * @throws Problem `invalid-request`, with a JSON pointer for each thing that is wrong
 */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, MOST_ERRORS).flatMap(errorsOf).slice(0, MOST_ERRORS);
  throw new Problem('invalid-request', { errors });
}

/** So many are told at once. */
const MOST_ERRORS = 20;

type Issue = z.core.$ZodIssue;

function errorsOf({ path, message, ...issue }: Issue): NonNullable<ProblemDetails['errors']> {
  // Of what must not be there, each name is an error of its own.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerTo([...path, key]), detail: 'is not known here' }));
  }
  return [{ pointer: pointerTo(path), detail: message }];
}

/** RFC 6901, 6: as the fragment of a URI. */
function pointerTo(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1')));
  return ['#', ...steps].join('/');
}
