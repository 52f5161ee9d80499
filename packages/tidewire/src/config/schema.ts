import type { z } from 'zod';
import { section } from './kinds.ts';
import { anonymous, api, tokens } from './schema/access.ts';
import { engine } from './schema/engine.ts';
import { clients, limits } from './schema/limits.ts';
import { namespaces } from './schema/namespaces.ts';
import {
  chat,
  console,
  deflate,
  drain,
  echo,
  heartbeat,
  idleTimeout,
  inspector,
  listen,
  log,
  maxConnections,
  metrics,
  origins,
  playground,
} from './schema/service.ts';
import { webhooks } from './schema/webhooks.ts';

// All that can be configured, and the only place where it is said: types, defaults, descriptions, the example, the reference and
// the JSON Schema for editors come from here. Keys are in the order in which people read them.

export const configSchema = section({
  listen,
  origins,
  engine,
  namespaces,
  tokens,
  anonymous,
  webhooks,
  api,
  limits,
  clients,
  drain,
  log,
  metrics,
  heartbeat,
  idleTimeout,
  deflate,
  maxConnections,
  console,
  inspector,
  playground,
  echo,
  chat,
})
  .refine(({ heartbeat, idleTimeout }) => heartbeat === false || idleTimeout === false || idleTimeout > heartbeat, {
    path: ['idleTimeout'],
    error: 'has to be longer than heartbeat, or one of them none',
  })
  .describe('The configuration of tidewire serve.');

/** The configuration as it was checked: times in milliseconds, sizes in bytes, files not read yet. */
export type Config = z.output<typeof configSchema>;
