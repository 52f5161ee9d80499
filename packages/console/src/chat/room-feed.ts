import type { Centrifuge, ClientInfo, PublicationContext, StreamPosition, Subscription } from 'centrifuge';
import {
  channelOf,
  checkName,
  checkStamped,
  type Kind,
  type Messages,
  type Photo,
  type Said,
  type Stamped,
} from '../chat-messages.ts';
import type { Person } from './entry.ts';
import { PhotoFetch } from './photo-fetch.ts';

// The three channels of one room: what is said, the photos, and who types. What comes out of them is checked here, so that the
// rest of the page gets nothing that it does not know.

export interface RoomHandlers {
  /** @param key the same when the same comes once more, from the history or after a recovery */
  said(key: string, from: Person, message: Stamped<Said>): void;
  photo(key: string, from: Person, photo: Stamped<Photo>): void;
  typing(from: Person, isTyping: boolean): void;
  here(people: readonly Person[]): void;
  joined(person: Person): void;
  left(person: Person): void;
  /** What is said comes in from now on; what was said before follows. */
  live(): void;
  /** What is said does not come in at present. */
  away(): void;
  /** What was said before is there. */
  complete(): void;
  /** Something that was said meanwhile cannot be had any more. */
  missed(): void;
  /** The room cannot be entered. */
  refused(reason: string): void;
}

/** Texts that are fetched at once. */
const PAGE = 50;

export class RoomFeed {
  readonly #client: Centrifuge;
  readonly #handlers: RoomHandlers;
  readonly #said: Subscription;
  readonly #photo: Subscription;
  readonly #typing: Subscription;
  readonly #photos: PhotoFetch;
  #epoch = '';
  #photoEpoch = '';
  /** Counts what has happened to who is there. */
  #changes = 0;

  /** @param inLine does one thing after the other */
  constructor(client: Centrifuge, room: string, handlers: RoomHandlers, inLine: (task: () => Promise<void>) => void) {
    this.#client = client;
    this.#handlers = handlers;
    const options = { joinLeave: true, recoverable: true, positioned: true };
    this.#said = client.newSubscription(channelOf('said', room), options);
    this.#photo = client.newSubscription(channelOf('photo', room), { positioned: true });
    this.#typing = client.newSubscription(channelOf('typing', room));
    this.#photos = new PhotoFetch(this.#photo, inLine, (epoch, publication) => this.#photoCame(epoch, publication));
    this.#listen();
    for (const subscription of [this.#said, this.#photo, this.#typing]) subscription.subscribe();
  }

  publish<K extends Kind>(kind: K, message: Messages[K]): Promise<unknown> {
    const channels = { said: this.#said, photo: this.#photo, typing: this.#typing };
    return channels[kind].publish(message);
  }

  /** Somebody looks at the room. */
  wantPhotos(): void {
    this.#photos.want();
  }

  end(): void {
    for (const subscription of [this.#said, this.#photo, this.#typing]) {
      subscription.removeAllListeners();
      subscription.unsubscribe();
      this.#client.removeSubscription(subscription);
    }
  }

  #listen(): void {
    const handlers = this.#handlers;
    this.#said
      .on('subscribed', ({ streamPosition, wasRecovering, recovered }) => {
        this.#epoch = streamPosition?.epoch ?? '';
        handlers.live();
        if (wasRecovering && !recovered) handlers.missed();
        if (!recovered) void this.#readHistory();
        void this.#readPeople();
      })
      .on('subscribing', () => handlers.away())
      .on('unsubscribed', ({ reason }) => handlers.refused(reason))
      .on('publication', (publication) => this.#saidCame(this.#epoch, publication))
      .on('join', ({ info }) => {
        this.#changes++;
        withPerson(info, handlers.joined);
      })
      .on('leave', ({ info }) => {
        this.#changes++;
        withPerson(info, handlers.left);
      });
    this.#photo
      .on('subscribed', ({ streamPosition }) => {
        this.#photoEpoch = streamPosition?.epoch ?? '';
        this.#photos.begin();
      })
      .on('publication', (publication) => {
        this.#photos.came({ epoch: this.#photoEpoch, offset: publication.offset ?? 0 });
        this.#photoCame(this.#photoEpoch, publication);
      });
    this.#typing.on('publication', ({ data, info }) => {
      const typing = checkStamped('typing', data);
      if (typing.ok) withPerson(info, (person) => handlers.typing(person, typing.value.isTyping));
    });
  }

  #saidCame(epoch: string, { data, info, offset = 0 }: PublicationContext): void {
    const said = checkStamped('said', data);
    if (said.ok) withPerson(info, (person) => this.#handlers.said(`said ${epoch} ${offset}`, person, said.value));
  }

  #photoCame(epoch: string, { data, info, offset = 0 }: PublicationContext): void {
    const photo = checkStamped('photo', data);
    if (photo.ok) withPerson(info, (person) => this.#handlers.photo(`photo ${epoch} ${offset}`, person, photo.value));
  }

  /** From its beginning. What comes in meanwhile is there twice, and known by its place. */
  async #readHistory(): Promise<void> {
    let since: StreamPosition | undefined;
    try {
      for (;;) {
        const page = await this.#said.history({ limit: PAGE, ...(since !== undefined && { since }) });
        for (const publication of page.publications) this.#saidCame(page.epoch, publication);
        const last = page.publications.at(-1);
        if (last?.offset === undefined || page.publications.length < PAGE) break;
        since = { epoch: page.epoch, offset: last.offset };
      }
    } catch {
      // The connection was lost: the history is read again when it is back.
      return;
    }
    this.#handlers.complete();
  }

  /** Again if somebody has come or gone meanwhile: the answer may be older than that. */
  async #readPeople(): Promise<void> {
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        const changes = this.#changes;
        const { clients } = await this.#said.presence();
        if (changes !== this.#changes && attempt < 4) continue;
        const people: Person[] = [];
        for (const info of Object.values(clients)) withPerson(info, (person) => people.push(person));
        return this.#handlers.here(people);
      }
    } catch {
      // As above.
    }
  }
}

/** Calls `use` if there is a person. What an application has published is from nobody. */
function withPerson(info: ClientInfo | undefined, use: (person: Person) => void): void {
  if (info === undefined) return;
  const said: unknown = info.connInfo;
  const name = checkName(typeof said === 'object' && said !== null && 'name' in said ? said.name : undefined);
  if (info.user !== '' && name.ok) use({ id: info.user, name: name.value });
}
