import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import type { Trace } from '../permissions.ts';
import { checkSecrets, signatureHeader, signWebhook } from './signature.ts';

// Sends what is asked and told to an application over HTTP: signed, over connections that stay open, in a bounded time, and with a
// bound on what is read of the answer. Nothing is followed that redirects: the body and its signature are for one URL.

/** Why a webhook did not get an answer that counts. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  /** Of the answer, if there was one. */
  readonly status: number | undefined;
  /** Milliseconds that the server wants to be left alone. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ErrorOptions & { status?: number; retryAfter?: number | undefined } = {}) {
    super(message, options);
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

export interface PosterOptions {
  /** The signature has one part for each; see `verifyWebhook`. */
  readonly secrets: readonly string[];
  /** Milliseconds from the question to the end of the answer. Default 3000. */
  readonly timeout?: number | undefined;
  /** Connections to one server at a time. Default 32. */
  readonly maxConnections?: number | undefined;
  /** Requests that may wait for an answer or a connection; more fail at once. Default 1024. */
  readonly maxPending?: number | undefined;
  /** Bytes that an answer may have. Default 1 MiB. */
  readonly maxAnswerSize?: number | undefined;
  /** To send with each request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates to trust in place of Node's own, as PEM. */
  readonly ca?: string | readonly string[] | undefined;
}

export interface Message {
  readonly url: URL;
  /** Stays the same when it is sent again. */
  readonly id: string;
  readonly event: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly body: string;
  readonly trace: Trace | undefined;
}

function readRetryAfter({ headers }: IncomingMessage): number | undefined {
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

export class Poster {
  readonly #secrets: readonly string[];
  readonly #ownHeaders: PosterOptions['headers'];
  readonly #timeout: number;
  readonly #maxPending: number;
  readonly #maxAnswerSize: number;
  readonly #agent: Agent;
  readonly #tlsAgent: TlsAgent;
  #pending = 0;

  /** @throws TypeError if there are no secrets, or one that could be guessed */
  constructor(options: PosterOptions) {
    const { timeout = 3000, maxConnections = 32, maxPending = 1024, maxAnswerSize = 1 << 20, ca } = options;
    this.#secrets = checkSecrets(options.secrets);
    this.#ownHeaders = options.headers;
    this.#timeout = timeout;
    this.#maxPending = maxPending;
    this.#maxAnswerSize = maxAnswerSize;
    const settings = { keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections };
    this.#agent = new Agent(settings);
    this.#tlsAgent = new TlsAgent({
      ...settings,
      rejectUnauthorized: true,
      ...(ca === undefined ? undefined : { ca: typeof ca === 'string' ? ca : [...ca] }),
    });
  }

  /** @returns the body of the answer. Rejects with a `WebhookError` if that does not say that all is well */
  async post(message: Message): Promise<string> {
    if (this.#pending >= this.#maxPending) throw new WebhookError(`${this.#maxPending} others wait`);
    this.#pending++;
    try {
      return await this.#send(message, true);
    } finally {
      this.#pending--;
    }
  }

  close(): void {
    this.#agent.destroy();
    this.#tlsAgent.destroy();
  }

  #send(message: Message, mayRepeat: boolean): Promise<string> {
    const timeout = this.#timeout;
    return new Promise((resolve, reject) => {
      const isTls = message.url.protocol === 'https:';
      const request = (isTls ? requestHttps : requestHttp)(message.url, {
        method: 'POST',
        agent: isTls ? this.#tlsAgent : this.#agent,
        headers: this.#headers(message),
      });
      const timer = setTimeout(() => {
        reject(new WebhookError(`no answer within ${timeout} ms`));
        request.destroy();
      }, timeout);
      const end = (error: unknown): void => {
        clearTimeout(timer);
        reject(error);
      };
      request.on('error', (error) => {
        // The server has closed a connection that stayed open just when it was used again, and has not seen the request.
        if (mayRepeat && request.reusedSocket && 'code' in error && error.code === 'ECONNRESET') {
          clearTimeout(timer);
          resolve(this.#send(message, false));
        } else end(new WebhookError(error.message, { cause: error }));
      });
      request.on('response', (response) => {
        this.#read(response).then((text) => {
          clearTimeout(timer);
          resolve(text);
        }, end);
      });
      request.end(message.body);
    });
  }

  #headers({ id, event, attempt, body, trace }: Message): Record<string, string | number> {
    return {
      ...this.#ownHeaders,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Tidewire-Event': event,
      'Tidewire-Id': id,
      'Tidewire-Attempt': attempt,
      [signatureHeader]: signWebhook(body, this.#secrets, Date.now()),
      ...(trace === undefined ? undefined : { traceparent: trace.traceparent }),
      ...(trace?.tracestate === undefined ? undefined : { tracestate: trace.tracestate }),
    };
  }

  async #read(response: IncomingMessage): Promise<string> {
    const maxAnswerSize = this.#maxAnswerSize;
    const { statusCode: status = 0 } = response;
    if (status < 200 || status > 299) {
      // What it says is of no use, however long it is.
      response.on('error', () => {}).destroy();
      throw new WebhookError(`answered with ${status}`, { status, retryAfter: readRetryAfter(response) });
    }
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response) {
        if (!(chunk instanceof Buffer)) continue;
        size += chunk.length;
        // Leaving the loop destroys the response and its connection.
        if (size > maxAnswerSize) throw new WebhookError(`the answer has more than ${maxAnswerSize} bytes`, { status });
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof WebhookError) throw error;
      throw new WebhookError('the answer was cut off', { status, cause: error });
    }
    return Buffer.concat(chunks).toString();
  }
}
