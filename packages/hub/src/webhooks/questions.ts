import { randomUUID } from 'node:crypto';
import { CommandError, DisconnectError } from '../codes.ts';
import type { Fields } from '../permissions/fields.ts';
import type { ConnectQuestion, Hooks } from '../permissions/hooks.ts';
import { traceOf } from '../permissions/trace.ts';
import type { Trace, Visitor } from '../permissions.ts';
import type { Json } from '../publication.ts';
import { readAdmission, readAnswer, readGrant, readPublication, readRefreshment } from './answers.ts';
import type { Poster } from './poster.ts';

// The hooks of an application that is asked over HTTP. Whatever goes wrong on the way is no yes: the hook rejects, and the client
// is told to try again.

/** Where an application is asked; what has no URL is not asked there. */
export interface QuestionUrls {
  /** Asked for those that have no token. */
  readonly connect?: string | URL | undefined;
  readonly refresh?: string | URL | undefined;
  readonly subscribe?: string | URL | undefined;
  readonly refreshSubscription?: string | URL | undefined;
  readonly publish?: string | URL | undefined;
}

/** How asking went. @param duration milliseconds */
export type Measure = (event: string, outcome: 'ok' | 'failed', duration: number) => void;

/** @throws TypeError naming the URL if it is none of a web server */
export function webUrl(url: string | URL, name: string): URL {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') return parsed;
  throw new TypeError(`${name} must be a URL that begins with https: or http:`);
}

/** An object of what is JSON already. */
export function jsonObject(fields: Readonly<Record<string, Json | undefined>>): Json {
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${JSON.stringify(name)}:${value}`],
  );
  return `{${parts.join(',')}}`;
}

const text = (value: unknown): Json | undefined => (value === undefined ? undefined : JSON.stringify(value));

const describe = (visitor: Visitor): Record<string, Json | undefined> => ({
  client: text(visitor.client),
  transport: text(visitor.transport),
  user: text(visitor.user),
  info: visitor.connectionInfo,
  meta: text(visitor.meta),
});

export class Questions {
  readonly #poster: Poster;
  readonly #measure: Measure;
  readonly #forwarded: readonly string[];

  /** @param forwarded lower-case names of the handshake's headers that the application gets */
  constructor(poster: Poster, measure: Measure, forwarded: readonly string[]) {
    this.#poster = poster;
    this.#measure = measure;
    this.#forwarded = forwarded;
  }

  /** @throws TypeError naming the URL that is none */
  hooks(urls: QuestionUrls): Hooks {
    const at = (name: keyof QuestionUrls): URL | undefined => {
      const url = urls[name];
      return url === undefined ? undefined : webUrl(url, `urls.${name}`);
    };
    const [connect, refresh, subscribe] = [at('connect'), at('refresh'), at('subscribe')];
    const [refreshSubscription, publish] = [at('refreshSubscription'), at('publish')];
    return {
      ...(connect && { connect: (question) => this.#connect(connect, question) }),
      ...(refresh && {
        refresh: (visitor, token) =>
          this.#ask(refresh, 'refresh', { ...describe(visitor), token: text(token) }, visitor.trace, readRefreshment),
      }),
      ...(subscribe && {
        subscribe: (visitor, { channel, token, data }) => {
          const fields = { ...describe(visitor), channel: text(channel), token: text(token), data };
          return this.#ask(subscribe, 'subscribe', fields, visitor.trace, readGrant);
        },
      }),
      ...(refreshSubscription && {
        refreshSubscription: (visitor, channel, token) => {
          const fields = { ...describe(visitor), channel: text(channel), token: text(token) };
          return this.#ask(refreshSubscription, 'sub_refresh', fields, visitor.trace, readGrant);
        },
      }),
      ...(publish && {
        publish: ({ visitor, channel }, data) => {
          const fields = { ...describe(visitor), channel: text(channel), data };
          return this.#ask(publish, 'publish', fields, visitor.trace, readPublication(data));
        },
      }),
    };
  }

  #connect(url: URL, { request, client, transport, admission }: ConnectQuestion) {
    if (admission !== undefined) return admission;
    const { headers = {} } = request;
    const forwarded = this.#forwarded.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
    const fields = {
      client: text(client),
      transport: text(transport),
      name: text(request.name),
      version: text(request.version),
      token: text(request.token || undefined),
      data: request.data,
      remote_address: text(request.remoteAddress),
      headers: text(Object.fromEntries(forwarded)),
    };
    return this.#ask(url, 'connect', fields, traceOf(headers), readAdmission);
  }

  async #ask<Result>(
    url: URL,
    event: string,
    fields: Readonly<Record<string, Json | undefined>>,
    trace: Trace | undefined,
    read: (result: Fields) => Result,
  ): Promise<Result> {
    const started = performance.now();
    const id = randomUUID();
    const done = (outcome: 'ok' | 'failed') => this.#measure(event, outcome, performance.now() - started);
    try {
      const body = jsonObject({ type: text(event), id: text(id), ...fields });
      const answer = await this.#poster.post({ url, id, event, attempt: 1, body, trace });
      const result = readAnswer(answer, read);
      done('ok');
      return result;
    } catch (error) {
      // A refusal is an answer, too.
      done(error instanceof CommandError || error instanceof DisconnectError ? 'ok' : 'failed');
      throw error;
    }
  }
}
