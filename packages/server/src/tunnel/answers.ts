import type { Header } from '@tidewire/protocol';
import { refusalBody, type TunnelAnswer, type TunnelRefusalCode, tunnelRefusals } from '@tidewire/tunnel';
import { ignore } from '../refusal.ts';
import type { Reply } from './reply.ts';

// How the requests of a tunnel are answered over node:http and node:http2.

/** What every answer says: nobody on the way may keep it, change it, guess at its type or hold it back. */
const common: readonly Header[] = [
  ['Cache-Control', 'no-store, no-transform'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Accel-Buffering', 'no'],
];

/** @param origin of the page that may read the answer, if it is for one */
export function begin(response: Reply, status: number, type: string, origin: string | undefined): void {
  // Without a listener, a write to a client that is gone would end the process.
  response.on('error', ignore);
  response.statusCode = status;
  for (const [name, value] of common) response.setHeader(name, value);
  if (type !== '') response.setHeader('Content-Type', type);
  if (origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Vary', 'Origin');
}

/** Adds the headers that an application has chosen: they take the place of others, but not of each other. */
export function addHeaders(response: Reply, headers: readonly Header[]): void {
  for (const [name] of headers) response.removeHeader(name);
  for (const [name, value] of headers) response.appendHeader(name, value);
}

export function refuse(response: Reply, code: TunnelRefusalCode, origin: string | undefined): void {
  // A page that may not use the session may not read why, either.
  begin(response, tunnelRefusals[code].status, 'application/json', code === 'FOREIGN_ORIGIN' ? undefined : origin);
  if (code === 'METHOD') response.setHeader('Allow', 'POST');
  response.end(refusalBody(code));
}

/** Permits a page of `origin` the requests of a tunnel, where something has made its browser ask first. */
export function permit(response: Reply, origin: string): void {
  begin(response, 204, '', origin);
  response.setHeader('Access-Control-Allow-Methods', 'POST');
  response.setHeader('Access-Control-Allow-Headers', 'Content-Type');
  response.end();
}

/** An answer of a session. */
export class ResponseAnswer implements TunnelAnswer {
  readonly #response: Reply;
  readonly #origin: string | undefined;
  readonly #ended: () => void;

  /** @param ended called when the answer is complete, though the client may not have taken it */
  constructor(response: Reply, origin: string | undefined, ended: () => void) {
    this.#response = response;
    this.#origin = origin;
    this.#ended = ended;
  }

  write(bytes: Uint8Array): void {
    this.#begin();
    this.#response.write(bytes);
  }

  end(bytes: Uint8Array): void {
    this.#begin();
    this.#response.end(bytes);
    this.#ended();
  }

  refuse(code: TunnelRefusalCode): void {
    refuse(this.#response, code, this.#origin);
  }

  #begin(): void {
    if (!this.#response.headersSent) begin(this.#response, 200, 'application/octet-stream', this.#origin);
  }
}
