import { isPrefix, namespaceOf } from '../namespace-table.ts';
import type { Access, NamespaceOptions } from '../namespaces.ts';
import type { Allowed } from '../permissions.ts';

// What a namespace's options say of who may do something.

export type Verdict = 'yes' | 'no' | 'ask';

type AccessOption = 'subscribe' | 'subscribePrefix' | 'publish' | 'seePresence' | 'seeHistory';

const defaults: Readonly<Record<AccessOption, Access>> = {
  subscribe: 'users',
  subscribePrefix: 'nobody',
  publish: 'nobody',
  seePresence: 'subscribers',
  seeHistory: 'subscribers',
};

const options: Readonly<Record<Allowed, AccessOption>> = {
  sub: 'subscribe',
  pub: 'publish',
  prs: 'seePresence',
  hst: 'seeHistory',
};

function judge(access: Access, user: string, isSubscribed: boolean): Verdict {
  switch (access) {
    case 'everyone':
      return 'yes';
    case 'users':
      return user === '' ? 'no' : 'yes';
    case 'subscribers':
      return isSubscribed ? 'yes' : 'no';
    case 'ask':
      return 'ask';
    default:
      return 'no';
  }
}

export class NamespaceAccess {
  readonly #namespaces: ReadonlyMap<string, NamespaceOptions>;

  constructor(namespaces: Readonly<Record<string, NamespaceOptions>>) {
    this.#namespaces = new Map(Object.entries(namespaces));
  }

  /** @returns `undefined` if there is no such namespace */
  verdict(channel: string, word: Allowed, user: string, isSubscribed: boolean): Verdict | undefined {
    const namespace = this.#namespaces.get(namespaceOf(channel));
    if (namespace === undefined) return undefined;
    // A prefix within the namespace, too: it is told of channels whose names nobody has told the client.
    const option = word === 'sub' && isPrefix(channel) ? 'subscribePrefix' : options[word];
    return judge(namespace[option] ?? defaults[option], user, isSubscribed);
  }
}
