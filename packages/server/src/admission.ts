import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Deadlines, nodePlatform } from '@tidewire/node';
import { acceptDeflate, type OpeningRequest } from '@tidewire/protocol';
import { badTarget } from './attachment.ts';
import type { Exchange } from './exchange.ts';
import type { Acceptance, ResolvedOptions, Upgrade } from './options.ts';
import type { AskingRule } from './origin.ts';
import { PendingUpgrade, type PendingUpgradeOwner } from './pending-upgrade.ts';
import { type RefusedReason, Rejection, rejectionOf, rejections } from './refusal.ts';
import { isThenable, type Opening, type Origination } from './session.ts';
import { tapped } from './tap.ts';
import { parseTarget } from './upgrade-request.ts';

// From a request to an open socket or a refusal.
//
// A server meets most of its clients at once, after a restart, so all of this runs in one turn where the application lets
// it: no promise, no listener, no timer and no object are there only in case that the decision might take longer.

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

export class Admission<Data> implements PendingUpgradeOwner {
  readonly #host: AdmissionHost<Data>;
  readonly #pending = new Set<PendingUpgrade>();
  /** The last Host that a URL can have. Nearly all clients name the same, and parsing a URL costs more than all else. */
  #hostOfUrls: string | undefined;

  constructor(host: AdmissionHost<Data>) {
    this.#host = host;
  }

  /** Upgrades under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Refuses all upgrades under way: the endpoint drains. */
  giveUp(): void {
    for (const pending of this.#pending) this.#giveUp(pending, 'DRAINING', 'The endpoint drains');
  }

  take(exchange: Exchange): void {
    const result = exchange.read();
    if (!result.ok) {
      this.#refuse(exchange, rejectionOf(result.refusal), result.refusal.code);
      return;
    }
    const closedTo = this.#host.closedTo();
    if (closedTo !== undefined) {
      this.#refuse(exchange, rejections[closedTo], closedTo);
      return;
    }
    const { opening } = result;
    if (!this.#hasUrl(opening)) {
      this.#refuse(exchange, badTarget, 'REQUEST_TARGET');
      return;
    }
    this.#decide(exchange, opening);
  }

  #hasUrl({ target, host }: OpeningRequest): boolean {
    // Behind a host that is good, any path is.
    const isPath = target.startsWith('/');
    if (isPath && host === this.#hostOfUrls) return true;
    if (parseTarget(target, host) === undefined) return false;
    if (isPath) this.#hostOfUrls = host;
    return true;
  }

  #decide(exchange: Exchange, opening: OpeningRequest): void {
    const verdict = this.#originVerdict(opening);
    if (verdict === 'ORIGIN_REQUIRED' || verdict === 'FOREIGN_ORIGIN') {
      this.#refuse(exchange, rejections[verdict], verdict);
      return;
    }
    if (verdict === 'ALLOWED' && this.#host.upgrade === undefined) {
      this.#accept(exchange, opening, undefined);
      return;
    }
    const pending = new PendingUpgrade(exchange, opening, this);
    this.#pending.add(pending);
    this.#attempt(pending, () => {
      if (verdict === 'ALLOWED') this.#askUpgrade(pending);
      else this.#askOrigin(pending, verdict.ask);
    });
  }

  #originVerdict({ origin, host }: OpeningRequest): 'ALLOWED' | 'ORIGIN_REQUIRED' | 'FOREIGN_ORIGIN' | AskingRule {
    const { origin: rule, requireOrigin } = this.#host.options;
    if (origin === undefined) return requireOrigin ? 'ORIGIN_REQUIRED' : 'ALLOWED';
    if ('ask' in rule) return rule;
    return rule.allows(origin, host) ? 'ALLOWED' : 'FOREIGN_ORIGIN';
  }

  // --- what the application says, in this turn or later --------------------------------------------------------------

  #askOrigin(pending: PendingUpgrade, ask: AskingRule['ask']): void {
    const { origin = '' } = pending.opening;
    this.#when(pending, ask(origin, pending.request), (isAllowed) => {
      if (isAllowed === true) this.#askUpgrade(pending);
      else this.#settle(pending, rejections.FOREIGN_ORIGIN, 'FOREIGN_ORIGIN');
    });
  }

  #askUpgrade(pending: PendingUpgrade): void {
    const { request } = pending;
    this.#when(pending, this.#host.upgrade?.(request), (decision) => {
      // Whoever has called `reject` and not returned what it returned has refused all the same.
      const rejection = request.rejection ?? (decision instanceof Rejection ? decision : undefined);
      if (rejection !== undefined) this.#settle(pending, rejection, 'REJECTED');
      else
        this.#accept(pending.exchange, pending.opening, decision instanceof Rejection ? undefined : decision, pending);
    });
  }

  /** Goes on with what was answered, in this turn if it is there, and not at all if the upgrade is over by then. */
  #when<T>(pending: PendingUpgrade, answer: T | Promise<T>, then: (value: T) => void): void {
    if (!isThenable(answer)) {
      if (!pending.isOver) then(answer);
      return;
    }
    pending.wait();
    Promise.resolve(answer).then(
      (value) => this.#attempt(pending, () => pending.isOver || then(value)),
      (error) => this.#threw(pending, error),
    );
  }

  #attempt(pending: PendingUpgrade, step: () => unknown): void {
    try {
      step();
    } catch (error) {
      this.#threw(pending, error);
    }
  }

  #threw(pending: PendingUpgrade, error: unknown): void {
    if (pending.isAbort(error)) return;
    this.#host.threw(error, pending.exchange.incoming);
    if (!pending.isOver) this.#settle(pending, rejections.UPGRADE_THREW, 'UPGRADE_THREW');
  }

  timedOut(pending: PendingUpgrade): void {
    this.#giveUp(pending, 'HANDSHAKE_TIMEOUT', 'The decision took too long');
  }

  over(pending: PendingUpgrade): void {
    this.#pending.delete(pending);
    this.#host.settled();
  }

  get deadlines(): Deadlines {
    return this.#host.deadlines;
  }

  get timeout(): number {
    return this.#host.options.timeouts.handshake;
  }

  // --- the outcome ---------------------------------------------------------------------------------------------------

  /** @throws TypeError if what the application chose cannot be answered to this request */
  #accept(
    exchange: Exchange,
    opening: OpeningRequest,
    acceptance: Acceptance<Data> | undefined,
    pending?: PendingUpgrade,
  ): void {
    const { options } = this.#host;
    const preferred = options.subprotocols.find((name) => opening.subprotocols.includes(name));
    const subprotocol = acceptance?.subprotocol ?? preferred;
    const codec = nodePlatform.deflate;
    const deflate = options.deflate && codec && acceptDeflate(opening.extensions, options.deflate, codec);
    const choice = { subprotocol, deflate, headers: acceptance?.headers };
    const response = exchange.accept(opening, choice);
    const head = pending === undefined ? exchange.head : pending.settle();
    const origination: Origination<Data> = {
      // Without `upgrade`, or if that answers with nothing, the options' type has made sure that there is no data.
      data: acceptance?.data as Data,
      subprotocol: subprotocol ?? '',
      url: opening.target,
      remoteAddress: pending === undefined ? exchange.incoming.socket.remoteAddress : pending.request.remoteAddress,
    };
    const beginning = { response, head, deflate: deflate?.agreement };
    const { tap } = options;
    const taken = tap && this.#tapped(exchange, () => tapped(tap, exchange, opening, choice, beginning));
    this.#host.admitted(taken?.stream ?? exchange.stream, origination, taken?.opening ?? beginning);
  }

  /** A tap that throws is as if there were none. */
  #tapped<T>(exchange: Exchange, ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      this.#host.threw(error, exchange.incoming);
      return undefined;
    }
  }

  #giveUp(pending: PendingUpgrade, reason: 'DRAINING' | 'HANDSHAKE_TIMEOUT', why: string): void {
    if (pending.isOver) return;
    pending.giveUp(why);
    this.#refuse(pending.exchange, rejections[reason], reason);
  }

  #settle(pending: PendingUpgrade, rejection: Rejection, reason: RefusedReason): void {
    pending.settle();
    this.#refuse(pending.exchange, rejection, reason);
  }

  #refuse(exchange: Exchange, rejection: Rejection, reason: RefusedReason): void {
    const { deadlines, options } = this.#host;
    this.#host.refused(exchange.incoming, rejection.status, reason);
    exchange.refuse(rejection, deadlines, options.timeouts.close, reason);
  }
}
