import { z } from 'zod';
import { configSchema } from './schema.ts';

// The schema as a tree of keys, for all that has to know more than whether a value is right. It is read from the JSON Schema, so
// that this says the same as editors do.

export interface KeyNode {
  readonly description: string;
  /** What the values are, in a word or two. */
  readonly kind: string;
  readonly isRequired: boolean;
  /** As an operator would write it; `undefined` if there is none. */
  readonly default: unknown;
  readonly example: unknown;
  /** Whether SIGHUP changes it. */
  readonly canReload: boolean;
  readonly isSecret: boolean;
  readonly isFile: boolean;
  /** Of the command line, with its dashes. */
  readonly flag: string | undefined;
  /** Of a section. */
  readonly keys: ReadonlyMap<string, KeyNode> | undefined;
  /** What stands under each name, if the operator chooses the names. */
  readonly values: KeyNode | undefined;
  /** What a list is made of. */
  readonly items: KeyNode | undefined;
  /** Whether every value is text, so that nothing has to be understood. */
  readonly isText: boolean;
}

export type KeyPath = readonly (string | number)[];

type Json = Readonly<Record<string, unknown>>;

/** For editors: what a file may look like. */
export function jsonSchema(): Json {
  return { title: 'Tidewire', ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) };
}

/** The configuration of the service. */
export const outline: KeyNode = outlineOf(configSchema);

/** A schema as a tree of keys. */
export function outlineOf(schema: z.ZodType): KeyNode {
  return nodeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), true, false);
}

/**
 * The node of a key; `undefined` if there is no such key.
 * @param root default: the configuration of the service
 */
export function nodeAt(path: KeyPath, root: KeyNode = outline): KeyNode | undefined {
  let node: KeyNode | undefined = root;
  for (const part of path) {
    node = typeof part === 'number' ? node?.items : (node?.keys?.get(part) ?? node?.values);
  }
  return node;
}

/** `namespaces.chat.history`, `api.keys[0].key`. */
export function showPath(path: KeyPath): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part === '' ? '""' : part}`));
  return parts.join('').replace(/^\./, '');
}

function nodeOf(schema: Json, isRequired: boolean, canReload: boolean): KeyNode {
  // Some keys take a word or a section: the section says what is in it.
  const branches = objects(schema.anyOf);
  const shape = [schema, ...branches].find(({ properties }) => properties !== undefined) ?? schema;
  const reload = schema['x-reload'] === true || canReload;
  const required = Array.isArray(shape.required) ? shape.required : [];
  const child = (value: Json, name?: string) => nodeOf(value, name === undefined || required.includes(name), reload);
  const properties = isJson(shape.properties) ? Object.entries(shape.properties) : undefined;
  const items = objects([schema.items])[0];
  const values = objects([schema.additionalProperties])[0];
  const kind = schema['x-kind'];
  return {
    description: typeof schema.description === 'string' ? schema.description : '',
    kind: typeof kind === 'string' ? kind : items === undefined ? 'keys' : `list of ${child(items).kind}`,
    isRequired,
    default: schema.default,
    example: schema['x-example'],
    canReload: reload,
    isSecret: schema['x-secret'] === true,
    isFile: schema['x-file'] === true,
    flag: typeof schema['x-flag'] === 'string' ? schema['x-flag'] : undefined,
    keys:
      properties && new Map(properties.flatMap(([name, value]) => (isJson(value) ? [[name, child(value, name)]] : []))),
    values: values && child(values),
    items: items && child(items),
    isText: schema.type === 'string' || (branches.length > 0 && branches.every(({ type }) => type === 'string')),
  };
}

function objects(list: unknown): readonly Json[] {
  return Array.isArray(list) ? list.filter(isJson) : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
