import { checkMessage, type Kind, roomOf } from '@tidewire/console/chat-messages';
import {
  type Admission,
  CommandError,
  type ConfigurablePermissions,
  type ConnectRequest,
  createPermissions,
  DisconnectError,
  type Json,
  type NamespaceOptions,
  type Permissions,
  type Question,
  type Refreshment,
  type SubscribeRequest,
  type SubscriptionGrant,
  type Visitor,
} from '@tidewire/hub';
import { GUEST_ISSUER, type Guests, isGuestToken } from './guests.ts';
import type { OpenRooms } from './open-rooms.ts';

// Guests of the chat beside the clients of an application. A guest may use the rooms, and elsewhere it may do what is allowed
// to nobody in particular: that anybody gets a token for the chat makes nobody a user of the application.

type MaybePromise<T> = T | Promise<T>;

/** What a client is told whose message is not one of the chat. */
const BAD_MESSAGE = 1000;

/** How the hub attaches to a connection that it is a guest's. Nobody else can have this very object. */
const GUEST = Object.freeze({ guest: true });

const isGuest = ({ meta }: Visitor): boolean => meta === GUEST;

export class GuestPermissions implements Permissions {
  readonly #others: Permissions;
  readonly #namespaces: Readonly<Record<string, NamespaceOptions>>;
  readonly #guests: Guests;
  readonly #permissions: ConfigurablePermissions;
  #isOpen = true;

  constructor(
    others: Permissions,
    namespaces: Readonly<Record<string, NamespaceOptions>>,
    guests: Guests,
    rooms: OpenRooms,
  ) {
    this.#others = others;
    this.#namespaces = namespaces;
    this.#guests = guests;
    this.#permissions = createPermissions({
      namespaces,
      tokens: this.#tokens(),
      hooks: {
        connect: () => ({ meta: GUEST }),
        subscribe: (_visitor, { channel }) => {
          rooms.use(theRoom(channel).room);
          return true;
        },
        publish: ({ channel, isSubscribed }, data) => {
          if (!isSubscribed) return false;
          const { kind, room } = theRoom(channel);
          const message = stamped(kind, data);
          rooms.use(room);
          return { data: message };
        },
      },
    });
  }

  /** Whether the chat has its channels: an operator may have given them to something else. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Takes tokens that the guests' key of now has signed, and no others. */
  useKey(): void {
    this.#permissions.reconfigure({ tokens: this.#tokens() });
  }

  useNamespaces(namespaces: Readonly<Record<string, NamespaceOptions>>): void {
    this.#isOpen = Object.entries(this.#namespaces).every(([name, options]) => namespaces[name] === options);
    this.#others.useNamespaces?.(namespaces);
  }

  connect(request: ConnectRequest, client: string, transport: string): MaybePromise<Admission> {
    if (!this.#isOpen || !isGuestToken(request.token)) return this.#others.connect(request, client, transport);
    return this.#connectGuest(request, client, transport);
  }

  async #connectGuest(request: ConnectRequest, client: string, transport: string): Promise<Admission> {
    try {
      return await this.#permissions.connect(request, client, transport);
    } catch (error) {
      // A service without a secret of its own forgets its key when it is started anew. The page gets another token then.
      if (error instanceof DisconnectError) throw new CommandError('TOKEN_EXPIRED');
      throw error;
    }
  }

  refresh(visitor: Visitor, token: string): MaybePromise<Refreshment> {
    return (isGuest(visitor) ? this.#permissions : this.#others).refresh(visitor, token);
  }

  subscribe(visitor: Visitor, request: SubscribeRequest): MaybePromise<SubscriptionGrant> {
    const { permissions, as } = this.#whoDecides(visitor, request.channel);
    return permissions.subscribe(as, request);
  }

  refreshSubscription(visitor: Visitor, channel: string, token: string): MaybePromise<SubscriptionGrant> {
    const { permissions, as } = this.#whoDecides(visitor, channel);
    return permissions.refreshSubscription(as, channel, token);
  }

  publish(question: Question, data: Json): MaybePromise<Json> {
    const { permissions, as } = this.#whoDecides(question.visitor, question.channel);
    return permissions.publish({ ...question, visitor: as }, data);
  }

  seePresence(question: Question): MaybePromise<void> {
    const { permissions, as } = this.#whoDecides(question.visitor, question.channel);
    return permissions.seePresence({ ...question, visitor: as });
  }

  seeHistory(question: Question): MaybePromise<void> {
    const { permissions, as } = this.#whoDecides(question.visitor, question.channel);
    return permissions.seeHistory({ ...question, visitor: as });
  }

  #whoDecides(visitor: Visitor, channel: string): { readonly permissions: Permissions; readonly as: Visitor } {
    if (!isGuest(visitor)) return { permissions: this.#others, as: visitor };
    if (this.#isOpen && roomOf(channel) !== undefined) return { permissions: this.#permissions, as: visitor };
    return { permissions: this.#others, as: { ...visitor, user: '', capabilities: undefined, meta: undefined } };
  }

  #tokens() {
    return { secrets: [this.#guests.key], algorithms: ['HS256'], issuer: GUEST_ISSUER } as const;
  }
}

function theRoom(channel: string): { readonly kind: Kind; readonly room: string } {
  const found = roomOf(channel);
  if (found === undefined) throw new CommandError('UNKNOWN_CHANNEL');
  return found;
}

/**
 * What is published of what a guest wants to: the same, and when it was taken.
 * @throws CommandError if it is not a message of that kind
 */
function stamped(kind: Kind, data: Json): Json {
  const message = checkMessage(kind, JSON.parse(data));
  if (!message.ok) throw new CommandError(BAD_MESSAGE, message.error);
  return JSON.stringify({ ...message.value, at: Date.now() });
}
