import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hub, Trace } from '@tidewire/hub';
import { batchSchemas, runBatch } from './batch.ts';
import { readBody } from './body.ts';
import { controllingOperations } from './controlling.ts';
import { problemOf } from './failures.ts';
import { type ApiKey, type Grant, Keyring } from './keys.ts';
import { type ApiDocument, DOCUMENT_PATH, describeOperations, documentOf } from './openapi.ts';
import type { Operation, RequestContext } from './operation.ts';
import { keyOperations } from './operation-names.ts';
import { listOfKinds, PROBLEM_TYPE, PROBLEMS_PATH, Problem } from './problems.ts';
import { publishingOperations } from './publishing.ts';
import { readingOperations } from './reading.ts';
import { idempotencyKeyOf, traceOf } from './request-headers.ts';
import { watchingOperations } from './watching.ts';

// The server API: what the servers of an application ask a hub to do, over HTTP.

export interface ApiOptions {
  /** Who may use it. At least one. */
  readonly keys: readonly ApiKey[];
  /** The largest body, in bytes. Default 1 MiB. */
  readonly maxBody?: number | undefined;
  /** Requests under way at a time; one more gets 503. Default 1000. */
  readonly maxRequests?: number | undefined;
}

/** Who watches an API. */
export interface ApiWatcher {
  /** What nobody could expect has happened, and the trace of the request in which it did. */
  failed?(error: unknown, trace: Trace | undefined): void;
  /** A request was answered. @param duration milliseconds */
  answered?(operation: string, status: number, duration: number): void;
}

/** What is known of a request beside what it says. */
interface Visit {
  /** Who has logged in, if it comes from a page of this service. */
  readonly visitor: Grant | undefined;
}

const operations = [...publishingOperations, ...readingOperations, ...controllingOperations, ...watchingOperations];
const byName: ReadonlyMap<string, Operation> = new Map(operations.map((operation) => [operation.name, operation]));
const schemas = batchSchemas(operations);

/** In the order of the document. */
const names = [...byName.keys(), 'batch'];

export class Api {
  readonly document: ApiDocument;
  readonly #app = new OpenAPIHono<{ Bindings: Visit }>();
  readonly #hub: Hub;
  readonly #watcher: ApiWatcher;
  readonly #maxBody: number;
  readonly #maxRequests: number;
  #keyring: Keyring;
  #underWay = 0;

  /** @throws RangeError naming what makes no sense */
  constructor(hub: Hub, { keys, maxBody = 1024 * 1024, maxRequests = 1000 }: ApiOptions, watcher: ApiWatcher = {}) {
    for (const [name, value] of Object.entries({ maxBody, maxRequests })) {
      if (!(value > 0)) throw new RangeError(`The option api.${name} must be a positive number, not ${value}`);
    }
    this.#hub = hub;
    this.#watcher = watcher;
    this.#maxBody = maxBody;
    this.#maxRequests = maxRequests;
    this.#keyring = keyringOf(keys);
    describeOperations(this.#app.openAPIRegistry, operations, schemas);
    this.document = documentOf(this.#app);
    for (const name of names) this.#route(name);
    this.#read(DOCUMENT_PATH, this.document);
    this.#read(PROBLEMS_PATH, { problems: listOfKinds() });
    this.#app.notFound(() => answerWith(new Problem('not-found')));
    this.#app.onError((error) => answerWith(problemOf(error, (what) => watcher.failed?.(what, undefined))));
  }

  /** Takes other keys from now on. @throws RangeError as the constructor does; nothing has changed then */
  useKeys(keys: readonly ApiKey[]): void {
    this.#keyring = keyringOf(keys);
  }

  get keyring(): Keyring {
    return this.#keyring;
  }

  /** @param visitor who has logged in, and is asking where no key is given */
  async fetch(request: Request, visitor?: Grant): Promise<Response> {
    return this.#app.fetch(request, { visitor });
  }

  #route(name: string): void {
    const path = `/api/${name}`;
    this.#app.post(path, ({ req, env }) => this.#answer(name, req.raw, env.visitor));
    this.#onlyFor(path, 'POST');
  }

  #read(path: string, value: unknown): void {
    const json = JSON.stringify(value);
    this.#app.get(path, () => new Response(json, { headers: { 'Content-Type': 'application/json' } }));
    this.#onlyFor(path, 'GET, HEAD');
  }

  #onlyFor(path: string, allowed: string): void {
    this.#app.all(path, () => answerWith(new Problem('method-not-allowed', { headers: { Allow: allowed } })));
  }

  async #answer(name: string, request: Request, visitor: Grant | undefined): Promise<Response> {
    const begun = performance.now();
    const failed = (error: unknown) => this.#watcher.failed?.(error, traceOf(request.headers));
    this.#underWay++;
    const response = await this.#perform(name, request, visitor, failed).catch((error: unknown) => {
      return answerWith(problemOf(error, failed));
    });
    this.#underWay--;
    this.#watcher.answered?.(name, response.status, performance.now() - begun);
    return response;
  }

  async #perform(
    name: string,
    request: Request,
    visitor: Grant | undefined,
    failed: RequestContext['failed'],
  ): Promise<Response> {
    const grant = this.#keyring.admit(request.headers, visitor);
    if (this.#underWay > this.#maxRequests) throw new Problem('overloaded');
    if (this.#hub.isDraining) throw new Problem('draining');
    const context = { idempotencyKey: idempotencyKeyOf(request.headers), failed };
    const result = await this.#resultOf(byName.get(name), request, grant, context);
    return new Response(JSON.stringify(result), { headers: { 'Content-Type': 'application/json' } });
  }

  /** @param operation `undefined` for a batch */
  async #resultOf(operation: Operation | undefined, request: Request, grant: Grant, context: RequestContext) {
    const hub = this.#hub;
    if (operation === undefined) {
      const body = await readBody(request, this.#maxBody);
      return runBatch(body, { hub, grant, context, operations: byName, schemas });
    }
    grant.count();
    const prepared = operation.prepare(await readBody(request, this.#maxBody));
    grant.check(operation.name, prepared.channels);
    return prepared.run(hub, context);
  }
}

const keyNames: ReadonlySet<string> = new Set(keyOperations);

function keyringOf(keys: readonly ApiKey[]): Keyring {
  for (const key of keys) {
    const unknown = key.operations?.find((operation) => !keyNames.has(operation));
    if (unknown !== undefined) throw new RangeError(`The API key ${key.name} is for an unknown operation: ${unknown}`);
  }
  return new Keyring(keys);
}

export function answerWith({ status, details, headers }: Problem): Response {
  return new Response(JSON.stringify(details), { status, headers: { ...headers, 'Content-Type': PROBLEM_TYPE } });
}
