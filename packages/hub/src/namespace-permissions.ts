import type { ConnectRequest, SubscribeRequest } from './client.ts';
import { CommandError, DisconnectError } from './codes.ts';
import { isPrefix, namespaceOf } from './namespace-table.ts';
import type { Access, NamespaceOptions } from './namespaces.ts';
import type { Admission, Permissions, Question, SubscriptionGrant, Visitor } from './permissions.ts';
import type { Json } from './publication.ts';

/**
 * Goes by what the namespaces say, and by nothing else: everybody may connect, nobody has a user, and tokens are refused,
 * because nobody could say whether they are good. `ask` means no, because there is nobody to ask.
 */
export class NamespacePermissions implements Permissions {
  #namespaces: Readonly<Record<string, NamespaceOptions>> = {};

  useNamespaces(namespaces: Readonly<Record<string, NamespaceOptions>>): void {
    this.#namespaces = namespaces;
  }

  connect(request: ConnectRequest): Admission {
    if (request.token !== undefined && request.token !== '') throw new DisconnectError('INVALID_TOKEN');
    return {};
  }

  refresh(): never {
    throw new DisconnectError('INVALID_TOKEN');
  }

  subscribe(visitor: Visitor, { channel, token }: SubscribeRequest): SubscriptionGrant {
    if (token !== undefined && token !== '') throw new CommandError('PERMISSION_DENIED');
    const options = this.#of(channel);
    const access = isPrefix(channel) ? (options?.subscribePrefix ?? 'nobody') : (options?.subscribe ?? 'users');
    assertAllowed(access, { visitor, channel, isSubscribed: false });
    return {};
  }

  refreshSubscription(): never {
    throw new CommandError('PERMISSION_DENIED');
  }

  publish(question: Question, data: Json): Json {
    assertAllowed(this.#of(question.channel)?.publish ?? 'nobody', question);
    return data;
  }

  seePresence(question: Question): void {
    assertAllowed(this.#of(question.channel)?.seePresence ?? 'subscribers', question);
  }

  seeHistory(question: Question): void {
    assertAllowed(this.#of(question.channel)?.seeHistory ?? 'subscribers', question);
  }

  #of(channel: string): NamespaceOptions | undefined {
    return this.#namespaces[namespaceOf(channel)];
  }
}

function assertAllowed(access: Access, { visitor, isSubscribed }: Question): void {
  if (access === 'everyone') return;
  if (access === 'users' && visitor.user !== '') return;
  if (access === 'subscribers' && isSubscribed) return;
  throw new CommandError('PERMISSION_DENIED');
}
