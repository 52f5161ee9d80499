import { roomNamespaces } from '@tidewire/console/chat-messages';
import type { NamespaceOptions, Permissions } from '@tidewire/hub';
import { defaults, type HubSettings, type ServiceOptions } from '../options.ts';
import type { Part } from '../site.ts';
import { GuestPermissions } from './guest-permissions.ts';
import { guestRequests } from './guest-requests.ts';
import { Guests } from './guests.ts';
import { OpenRooms } from './open-rooms.ts';

// The chat as a part of a service. Its rooms are channels of the hub: what is said and the photos are kept for a day, and
// whoever types is told of at once and forgotten. Who comes by the page is a guest, and may use these channels alone.

/** Milliseconds that a room keeps what was said in it. */
const DAY = 24 * 60 * 60 * 1000;

/** Bytes of what is said: 4000 characters, and what JSON makes of them. */
const MAX_SAID = 16 * 1024;

/** Bytes of a photo's publication beside the file: its name, and what JSON needs. */
const PHOTO_EXTRAS = 4096;

/** Bytes of other commands that may be in a message with a photo: what the hub takes when nothing else is said. */
const OTHER_COMMANDS = 128 * 1024;

/** Photos that a room keeps: they are large. */
const PHOTOS = 10;

/** Photos that may wait for a member that reads slowly. */
const WAITING_PHOTOS = 4;

/** @throws RangeError naming the option that makes no sense */
export class Chat implements Part {
  readonly namespaces: Readonly<Record<string, NamespaceOptions>>;
  readonly live: Part['live'];
  readonly #guests: Guests;
  readonly #rooms: OpenRooms;
  readonly #photoSize: number;
  #permissions: GuestPermissions | undefined;

  constructor(options: ServiceOptions) {
    const { maxImage = defaults.maxImage, maxRooms = defaults.maxRooms, rate = defaults.rate } = options;
    this.#photoSize = Math.ceil(maxImage / 3) * 4 + PHOTO_EXTRAS;
    this.namespaces = roomChannels(this.#photoSize, rate);
    this.#guests = new Guests(secretsOf(options));
    this.#rooms = new OpenRooms(maxRooms, DAY);
    const isOpen = () => this.#permissions?.isOpen === true;
    this.live = [guestRequests(this.#guests, isOpen, { image: maxImage })];
  }

  /** Lets guests into the rooms, and asks the others about everybody and everything else. */
  permissionsBeside(others: Permissions): Permissions {
    this.#permissions = new GuestPermissions(others, this.namespaces, this.#guests, this.#rooms);
    return this.#permissions;
  }

  /** What clients of the hub may send, with room for a photo. */
  clients(settings: HubSettings['clients'] = {}): HubSettings['clients'] {
    return { ...settings, maxMessageSize: (settings.maxMessageSize ?? OTHER_COMMANDS) + this.#photoSize };
  }

  reconfigure(options: ServiceOptions): void {
    if (this.#guests.useSecrets(secretsOf(options))) this.#permissions?.useKey();
  }
}

function roomChannels(photoSize: number, rate: number): Readonly<Record<string, NamespaceOptions>> {
  const { said, photo, typing } = roomNamespaces;
  const asked = { subscribe: 'ask', publish: 'ask' } as const;
  const kept = { ttl: DAY, positionTtl: DAY };
  return {
    [said]: {
      ...asked,
      history: { ...kept, size: 200 },
      presence: { events: 'user' },
      maxPublicationSize: MAX_SAID,
      publishRate: rate,
    },
    // What was missed of these is fetched one by one: all at once would be too much for one answer.
    [photo]: {
      ...asked,
      history: { ...kept, size: PHOTOS },
      recovery: false,
      maxPublicationSize: photoSize,
      maxQueueSize: WAITING_PHOTOS * photoSize,
      publishRate: Math.max(1, Math.ceil(rate / 5)),
    },
    [typing]: { ...asked, slowConsumer: 'drop-oldest', maxPublicationSize: 64, publishRate: rate },
  };
}

function secretsOf({ hub = {} }: ServiceOptions): readonly (string | Uint8Array)[] {
  return hub.permissions?.tokens?.secrets ?? [];
}
