import type { Session } from '@tidewire/console/console-messages';
import type { Grant, KeyHolder, Keyring } from '../api/keys.ts';
import type { Request } from '../http.ts';
import { isSurelyFromHere } from '../same-origin.ts';
import { isSecure, readCookie, writeCookie } from './cookie.ts';
import { type HostOptions, hostRule } from './hosts.ts';
import { type Opened, openToken, sealToken } from './session-token.ts';

// Who has logged in to the console. Nothing is remembered here: all is in the cookie and in the keys.

/** For a session without a request, in milliseconds. */
const AGE = 12 * 60 * 60 * 1000;

/** A session with less than this is prolonged, in milliseconds. */
const PROLONGED_BELOW = AGE - 60 * 60 * 1000;

export interface ConsoleSessionsOptions extends HostOptions {
  /** The keys as they are now; `undefined` while there is none. */
  keyring(): Keyring | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** A session, and the header that the browser is to be given for it. */
export interface Given {
  readonly session: Session;
  readonly cookie: string | undefined;
}

export class ConsoleSessions {
  /** Whether the request is for a host that the console may be asked for by. */
  readonly isForHost: (request: Pick<Request, 'headers'>) => boolean;
  readonly #options: ConsoleSessionsOptions;

  constructor(options: ConsoleSessionsOptions) {
    this.#options = options;
    this.isForHost = hostRule(options);
  }

  /** Whether there is a key at all. */
  get canLogIn(): boolean {
    return (this.#options.keyring()?.holders.length ?? 0) > 0;
  }

  get now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  /**
   * What who has logged in may do; `undefined` if nobody has. A request that changes something, and one that opens a WebSocket, must
   * also come from a page of this very origin. The request may be any of either version of HTTP: of a WebSocket it is what
   * `UpgradeRequest` has as `incoming`. Asked again of the same request, it says whether the session is still good.
   */
  readonly grantOf = (request: Request): Grant | undefined => {
    return isSurelyFromHere(request, isSecure(request)) ? this.#open(request)?.holder.grant : undefined;
  };

  /** The session of a request, with a new cookie if it has run for a while. */
  sessionOf(request: Request): Given | undefined {
    const opened = this.#open(request);
    if (opened === undefined) return undefined;
    const { holder, until } = opened;
    if (until - this.now < PROLONGED_BELOW) return this.begin(request, holder);
    return { session: sessionUnder(holder, until), cookie: undefined };
  }

  /** Whose key it is. */
  holderOf(key: string): KeyHolder | undefined {
    return this.#options.keyring()?.find(key);
  }

  begin(request: Request, holder: KeyHolder): Given & { readonly cookie: string } {
    const until = this.now + AGE;
    const cookie = writeCookie(request, sealToken(holder, until), AGE / 1000);
    return { session: sessionUnder(holder, until), cookie };
  }

  /** @returns the header that takes the cookie away */
  end(request: Request): string {
    return writeCookie(request, '', 0);
  }

  #open(request: Request): Opened | undefined {
    const token = readCookie(request);
    if (token === '' || !this.isForHost(request)) return undefined;
    return openToken(token, this.#options.keyring()?.holders ?? [], this.now);
  }
}

function sessionUnder({ grant: { name, operations } }: KeyHolder, until: number): Session {
  return operations === undefined ? { name, until } : { name, operations, until };
}
