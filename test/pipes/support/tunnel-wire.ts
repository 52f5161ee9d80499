import { Duplex } from 'node:stream';
import { nodePlatform } from '@tidewire/node';
import {
  type OpenedTunnel,
  openingRequest,
  readOpeningAnswer,
  TUNNEL_PARAMETER,
  type TunnelClientOwner,
  TunnelClientSession,
  type TunnelOutcome,
  type TunnelRequest,
  type Transport as TunnelTransport,
} from '@tidewire/tunnel';

// A tunnel as a stream of frames for who writes them himself, by `fetch`.

type Callback = (error?: Error | null) => void;

async function post(url: string, body: string | Uint8Array, signal?: AbortSignal): Promise<Response> {
  const asked = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, signal: signal ?? null };
  return await fetch(url, { ...asked, body: typeof body === 'string' ? body : Uint8Array.from(body) });
}

export class TunnelWire extends Duplex implements TunnelClientOwner {
  readonly #address: string;
  readonly #session: TunnelClientSession;
  readonly #requests = new Map<number, AbortController>();
  #timer: NodeJS.Timeout | undefined;
  #whenSent: Callback | undefined;

  /** Opens a tunnel at `origin`, which is that of an endpoint for all paths. */
  static async open(origin: string, transports: readonly TunnelTransport[]): Promise<TunnelWire> {
    const answer = await post(`${origin}/?${TUNNEL_PARAMETER}=open`, openingRequest([]));
    const opened = readOpeningAnswer(await answer.text(), []);
    if (opened === undefined) throw new Error(`No tunnel was opened: ${answer.status}`);
    return new TunnelWire(origin, opened, transports);
  }

  private constructor(origin: string, opened: OpenedTunnel, transports: readonly TunnelTransport[]) {
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#address = `${origin}/?${TUNNEL_PARAMETER}=${opened.id}`;
    this.#session = new TunnelClientSession(opened, { platform: nodePlatform, transports }, this);
    this.#session.start();
  }

  // --- from Node -----------------------------------------------------------------------------------------------------

  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    this.#session.write(Buffer.from(chunk));
    if (this.#session.bufferedAmount === 0) callback();
    else this.#whenSent = callback;
  }

  override _final(callback: Callback): void {
    this.#session.end();
    callback();
  }

  override _read(): void {
    this.#session.resume();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#session.destroy();
    callback(error);
  }

  // --- from the session ----------------------------------------------------------------------------------------------

  receive(bytes: Uint8Array): void {
    if (!this.push(Buffer.from(bytes))) this.#session.pause();
  }

  ended(): void {
    this.push(null);
  }

  gone(outcome: TunnelOutcome): void {
    this.destroy(outcome === 'FINISHED' ? undefined : new Error(outcome));
  }

  drained(): void {
    const sent = this.#whenSent;
    this.#whenSent = undefined;
    sent?.();
  }

  requestFlush(): void {}

  schedule(at: number): void {
    clearTimeout(this.#timer);
    const delay = Math.max(0, Math.ceil(at - nodePlatform.now()));
    if (at !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#session.tick(), delay);
  }

  request(request: TunnelRequest): void {
    const aborter = new AbortController();
    this.#requests.set(request.id, aborter);
    void this.#ask(request, aborter.signal);
  }

  abort(id: number): void {
    this.#requests.get(id)?.abort();
    this.#requests.delete(id);
  }

  async #ask({ id, body }: TunnelRequest, signal: AbortSignal): Promise<void> {
    const session = this.#session;
    try {
      const answer = await post(this.#address, body, signal);
      if (answer.status !== 200) return session.refused(id, answer.status, await answer.text());
      for await (const chunk of answer.body ?? []) session.received(id, chunk);
      session.completed(id);
    } catch {
      session.failed(id);
    } finally {
      this.#requests.delete(id);
    }
  }
}
