import { type About, type ConsolePage, isForOperators } from '@tidewire/console/console-messages';
import type { Logger } from 'pino';
import { type Answer, json, type Live, type Request, send, text } from '../http.ts';
import { fieldsOf, problem, readJson, refuseBody, withHeaders } from '../json-body.ts';
import { isFromHere, isSurelyFromHere } from '../same-origin.ts';
import { isSecure } from './cookie.ts';
import { FailedLogins } from './failed-logins.ts';
import type { ConsoleSessions } from './sessions.ts';

// What the pages ask about the service and about who has logged in, and how one logs in and out: see console-messages.ts.

const ABOUT = '/console/about';
const SESSION = '/console/session';

export interface ConsoleOptions {
  readonly sessions: ConsoleSessions;
  /** In the order in which they are shown. */
  readonly pages: readonly ConsolePage[];
  readonly version: string;
  readonly log?: Logger | undefined;
}

/** To be asked before whatever else is below /console: it refuses requests for a host that is not this one. */
export function consoleRequests(options: ConsoleOptions): Live {
  const { sessions } = options;
  const logins = new Logins(options);
  return (path, request, response) => {
    if (path !== '/console' && !path.startsWith('/console/')) return undefined;
    if (path === ABOUT) return answerAbout(request, options);
    if (!sessions.isForHost(request)) {
      return text(403, 'The console is not there under this name: see console.hosts in the configuration.');
    }
    if (path !== SESSION) return undefined;
    if (request.method === 'DELETE') return logins.logOut(request);
    const refused = logins.refuse(request);
    if (refused !== undefined) return refused;
    logins.logIn(request).then(
      (answer) => send(request, response, answer),
      () => response.destroy(),
    );
    return 'served';
  };
}

function answerAbout(request: Request, { sessions, pages, version }: ConsoleOptions): Answer {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return problem(405, 'Only GET is possible here.', { Allow: 'GET, HEAD' });
  }
  if (!isFromHere(request)) return problem(403, 'Only pages of this server may ask.');
  const given = sessions.sessionOf(request);
  // Under a name that is refused there is only what is there for everybody.
  const isForHost = sessions.isForHost(request);
  const shown = isForHost ? pages : pages.filter((page) => !isForOperators(page));
  const needLogin = shown.filter(isForOperators);
  const canLogIn = isForHost && sessions.canLogIn;
  const about: About = { pages: shown, needLogin, canLogIn, session: given?.session, version };
  return withHeaders(json(200, about), given?.cookie === undefined ? {} : { 'Set-Cookie': given.cookie });
}

class Logins {
  readonly #sessions: ConsoleSessions;
  readonly #log: Logger | undefined;
  readonly #failed = new FailedLogins();

  constructor({ sessions, log }: ConsoleOptions) {
    this.#sessions = sessions;
    this.#log = log;
  }

  /** What is wrong with a request before its body is read. */
  refuse(request: Request): Answer | undefined {
    if (request.method !== 'POST') {
      return problem(405, 'Only POST and DELETE are possible here.', { Allow: 'POST, DELETE' });
    }
    if (!isFromHere(request)) return problem(403, 'Only pages of this server may log in.');
    if (!this.#sessions.canLogIn) return problem(409, 'This service has no key to log in with.');
    return refuseBody(request) ?? this.#tooMany(addressOf(request));
  }

  async logIn(request: Request): Promise<Answer> {
    const from = addressOf(request);
    const { key } = fieldsOf(await readJson(request));
    // Others may have failed from there while the body came.
    const refused = this.#tooMany(from);
    if (refused !== undefined) return refused;
    if (typeof key !== 'string' || key === '') return problem(400, 'key must be text');
    const holder = this.#sessions.holderOf(key);
    if (holder === undefined) {
      this.#failed.add(from, this.#sessions.now);
      this.#log?.warn({ from }, 'somebody has tried to log in to the console with a wrong key');
      return problem(401, 'This is not a key of this service.');
    }
    const { session, cookie } = this.#sessions.begin(request, holder);
    this.#log?.info({ from, key: session.name }, 'somebody has logged in to the console');
    return withHeaders(json(200, session), { 'Set-Cookie': cookie });
  }

  logOut(request: Request): Answer {
    if (!isSurelyFromHere(request, isSecure(request))) return problem(403, 'Only pages of this server may log out.');
    const headers = { 'Cache-Control': 'no-store', 'Set-Cookie': this.#sessions.end(request) };
    return { status: 204, headers, body: Buffer.alloc(0) };
  }

  #tooMany(from: string): Answer | undefined {
    const wait = Math.ceil(this.#failed.wait(from, this.#sessions.now) / 1000);
    if (wait === 0) return undefined;
    const said = `Too many wrong keys have come from your address: try again in ${wait} s.`;
    return problem(429, said, { 'Retry-After': String(wait) });
  }
}

function addressOf({ socket }: Request): string {
  return socket.remoteAddress ?? '';
}
