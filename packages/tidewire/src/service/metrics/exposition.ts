import { createServer, type Server } from 'node:http';
import type { Answer, Live, Request, Response } from '../http.ts';
import { handleRequests, send, text } from '../http.ts';
import { isSameSecret } from '../secrets.ts';

// GET /metrics, where Prometheus asks for it: beside everything else, or on an address of its own.

export interface MetricsOptions {
  /** Who asks must have it as `Authorization: Bearer KEY`. Default: whoever gets there may ask. */
  readonly key?: string | undefined;
  /** Where /metrics is in place of the service's own address, over plain HTTP. */
  readonly address?: { readonly host: string; readonly port: number } | undefined;
}

/** What is served. */
export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsResource(source: MetricsSource, key: string | undefined): Live {
  return (path, request, response) => {
    if (path !== '/metrics') return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    if (key !== undefined && !isSameSecret(request.headers.authorization ?? '', `Bearer ${key}`)) {
      return text(401, 'This needs the key of the metrics.', { 'WWW-Authenticate': 'Bearer realm="metrics"' });
    }
    void answer(source, request, response);
    return 'served';
  };
}

async function answer(source: MetricsSource, request: Request, response: Response): Promise<void> {
  send(request, response, await answerOf(source));
}

async function answerOf(source: MetricsSource): Promise<Answer> {
  try {
    const body = Buffer.from(await source.text());
    return { status: 200, headers: { 'Content-Type': source.contentType, 'Cache-Control': 'no-store' }, body };
  } catch {
    return text(500, 'The metrics could not be collected.');
  }
}

/** A server for the metrics alone. It does not listen yet. */
export function metricsServer(source: MetricsSource, key: string | undefined): Server {
  const server = createServer({ requestTimeout: 20_000, headersTimeout: 20_000 });
  server.on('request', handleRequests([], [metricsResource(source, key)]));
  return server;
}
