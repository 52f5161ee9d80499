import type { IncomingMessage } from 'node:http';
import { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Deadlines, nodePlatform } from '@tidewire/node';
import {
  acceptDeflate,
  acceptRequest,
  HeaderList,
  type OpeningRequest,
  readRequest,
  serializeResponse,
} from '@tidewire/protocol';
import { badTarget } from './attachment.ts';
import type { Acceptance, ResolvedOptions, Upgrade } from './options.ts';
import { PendingUpgrade } from './pending-upgrade.ts';
import { ignore, type RefusedReason, Rejection, rejectionOf, rejections, sendRefusal } from './refusal.ts';
import type { Opening, Origination } from './session.ts';
import { parseTarget, UpgradeRequest } from './upgrade-request.ts';

// From a request to an open socket or a refusal.

/** The endpoint, as far as admission needs it. */
export interface AdmissionHost<Data> {
  readonly options: ResolvedOptions;
  readonly upgrade: Upgrade<Data> | undefined;
  readonly deadlines: Deadlines;
  /** Why nobody is admitted now, if so. */
  closedTo(): 'DRAINING' | 'TOO_MANY_CONNECTIONS' | undefined;
  admitted(stream: Duplex, origination: Origination<Data>, opening: Opening): void;
  refused(request: IncomingMessage, status: number, reason: RefusedReason): void;
  /** `upgrade` or `origin` threw. */
  threw(error: unknown, request: IncomingMessage): void;
  /** One fewer is pending. */
  settled(): void;
}

export class Admission<Data> {
  readonly #host: AdmissionHost<Data>;
  readonly #pending = new Map<PendingUpgrade, IncomingMessage>();

  constructor(host: AdmissionHost<Data>) {
    this.#host = host;
  }

  /** Upgrades under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Refuses all upgrades under way: the endpoint drains. */
  giveUp(): void {
    for (const pending of this.#pending.keys()) this.#giveUp(pending, 'DRAINING', 'The endpoint drains');
  }

  take(incoming: IncomingMessage, stream: Duplex, head: Uint8Array): void {
    stream.on('error', ignore);
    const { method = '', httpVersion, url: target = '', rawHeaders } = incoming;
    const result = readRequest({ method, httpVersion, target, headers: new HeaderList(rawHeaders) });
    if (!result.ok) {
      this.#refuse(incoming, stream, rejectionOf(result.refusal), result.refusal.code);
      return;
    }
    const closedTo = this.#host.closedTo();
    if (closedTo !== undefined) {
      this.#refuse(incoming, stream, rejections[closedTo], closedTo);
      return;
    }
    const { opening } = result;
    const url = parseTarget(target, opening.host, 'encrypted' in stream);
    if (url === undefined) {
      this.#refuse(incoming, stream, badTarget, 'REQUEST_TARGET');
      return;
    }
    const { deadlines, options } = this.#host;
    const pending: PendingUpgrade = new PendingUpgrade(stream, head, deadlines, options.timeouts.handshake, {
      onTimeout: () => this.#giveUp(pending, 'HANDSHAKE_TIMEOUT', 'The decision took too long'),
      onOver: () => {
        this.#pending.delete(pending);
        this.#host.settled();
      },
    });
    this.#pending.set(pending, incoming);
    const request = new UpgradeRequest(incoming, url, opening, () => pending.signal);
    void this.#decide(pending, request, opening);
  }

  /** Never rejects. */
  async #decide(pending: PendingUpgrade, request: UpgradeRequest, opening: OpeningRequest): Promise<void> {
    try {
      const reason = await this.#originRefused(request);
      if (pending.isOver) return;
      if (reason !== undefined) {
        this.#settle(pending, request.incoming, rejections[reason], reason);
        return;
      }
      const decision = await this.#host.upgrade?.(request);
      if (pending.isOver) return;
      // Whoever has called `reject` and not returned what it returned has refused all the same.
      const rejection = request.rejection ?? (decision instanceof Rejection ? decision : undefined);
      if (rejection !== undefined) this.#settle(pending, request.incoming, rejection, 'REJECTED');
      else this.#accept(pending, request, opening, decision instanceof Rejection ? undefined : decision);
    } catch (error) {
      if (pending.isAbort(error)) return;
      this.#host.threw(error, request.incoming);
      if (!pending.isOver) {
        this.#settle(pending, request.incoming, rejections.UPGRADE_THREW, 'UPGRADE_THREW');
      }
    }
  }

  async #originRefused(request: UpgradeRequest): Promise<'ORIGIN_REQUIRED' | 'FOREIGN_ORIGIN' | undefined> {
    const { origin, requireOrigin } = this.#host.options;
    if (request.origin === undefined) return requireOrigin ? 'ORIGIN_REQUIRED' : undefined;
    return (await origin(request.origin, request)) === true ? undefined : 'FOREIGN_ORIGIN';
  }

  /** @throws TypeError if what the application chose cannot be answered to this request */
  #accept(
    pending: PendingUpgrade,
    request: UpgradeRequest,
    opening: OpeningRequest,
    acceptance: Acceptance<Data> | undefined,
  ): void {
    const { options } = this.#host;
    const preferred = options.subprotocols.find((name) => opening.subprotocols.includes(name));
    const subprotocol = acceptance?.subprotocol ?? preferred;
    const codec = nodePlatform.deflate;
    const deflate = options.deflate && codec && acceptDeflate(opening.extensions, options.deflate, codec);
    const response = serializeResponse(
      acceptRequest(opening, nodePlatform, { subprotocol, deflate, headers: acceptance?.headers }),
    );
    const { stream } = pending;
    const origination: Origination<Data> = {
      // Without `upgrade`, or if that answers with nothing, the options' type has made sure that there is no data.
      data: acceptance?.data as Data,
      subprotocol: subprotocol ?? '',
      url: opening.target,
      remoteAddress: request.remoteAddress,
    };
    // A server's `timeout` is for requests: this is none any more.
    if (stream instanceof NetSocket) stream.setTimeout(0).setNoDelay(true);
    const head = pending.settle();
    this.#host.admitted(stream, origination, { response, head, deflate: deflate?.agreement });
    // The socket listens itself by now.
    stream.off('error', ignore);
  }

  #giveUp(pending: PendingUpgrade, reason: 'DRAINING' | 'HANDSHAKE_TIMEOUT', why: string): void {
    const incoming = this.#pending.get(pending);
    if (incoming === undefined) return;
    pending.giveUp(why);
    this.#refuse(incoming, pending.stream, rejections[reason], reason);
  }

  #settle(pending: PendingUpgrade, incoming: IncomingMessage, rejection: Rejection, reason: RefusedReason): void {
    pending.settle();
    this.#refuse(incoming, pending.stream, rejection, reason);
  }

  #refuse(incoming: IncomingMessage, stream: Duplex, rejection: Rejection, reason: RefusedReason): void {
    const { deadlines, options } = this.#host;
    this.#host.refused(incoming, rejection.status, reason);
    sendRefusal(stream, rejection, deadlines, options.timeouts.close);
  }
}
