// What the console asks its server about itself, over plain HTTP. Whoever has logged in has a cookie that scripts cannot read.
//
//   GET    /console/about     → About
//   POST   /console/session   Login → Session; 401 for a wrong key, 429 after too many, 409 where there is no key
//   DELETE /console/session   → 204
//
// What goes wrong is answered with a Refusal.

/** The pages that a server may have. */
export const consolePages = [
  'home',
  'echo',
  'chat',
  'race',
  'overview',
  'channels',
  'connections',
  'inspector',
] as const;

export type ConsolePage = (typeof consolePages)[number];

/** Where each is. */
export const pagePaths: Readonly<Record<ConsolePage, string>> = {
  home: '/',
  echo: '/echo',
  chat: '/chat',
  race: '/race',
  overview: '/console',
  channels: '/console/channels',
  connections: '/console/connections',
  inspector: '/console/inspector',
};

/** Whether it is for who runs the service, and needs a login. */
export function isForOperators(page: ConsolePage): boolean {
  return pagePaths[page].startsWith('/console');
}

/**
 * Where one logs in; with `?to=` a path of this service, to which it leads from there. A program that opens a browser may add the key,
 * as `#key=KEY`: it is used at once, and taken out of the address.
 */
export const LOGIN_PATH = '/console/login';

export interface About {
  /** Those that are there, in the order in which they are shown. */
  readonly pages: readonly ConsolePage[];
  /** Those of them for which one must have logged in. */
  readonly needLogin: readonly ConsolePage[];
  /** Whether there is a key at all; without one nobody can log in. */
  readonly canLogIn: boolean;
  /** Who is logged in, if anybody. */
  readonly session?: Session | undefined;
  readonly version: string;
}

export interface Session {
  /** The name of the key. */
  readonly name: string;
  /** Operations of the server API that it is for; left out: all. */
  readonly operations?: readonly string[] | undefined;
  /** When it ends, in milliseconds since 1970. */
  readonly until: number;
}

export interface Login {
  readonly key: string;
}

export interface Refusal {
  /** In a sentence, for people. */
  readonly error: string;
}
