// What the chat page remembers in this browser. A browser that stores nothing forgets it, and nothing else is different.

const keys = {
  name: 'tidewire.chat.name',
  guest: 'tidewire.chat.guest',
  rooms: 'tidewire.chat.rooms',
  read: 'tidewire.chat.read',
} as const;

const IN = 'tidewire.chat.in';

export interface RememberedGuest {
  readonly token: string;
  /** Whom this browser was, the latest first. */
  readonly users: readonly string[];
}

function load(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

function store(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It is asked for, or fetched, again.
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter(isText) : []);

export const memory = {
  get name(): string {
    const name = load(keys.name);
    return isText(name) ? name : '';
  },

  set name(name: string) {
    store(keys.name, name);
  },

  get guest(): RememberedGuest | undefined {
    const guest = load(keys.guest);
    return isObject(guest) && isText(guest.token) ? { token: guest.token, users: textsOf(guest.users) } : undefined;
  },

  set guest(guest: RememberedGuest) {
    store(keys.guest, guest);
  },

  /** Beside those that are always there. */
  get rooms(): readonly string[] {
    return textsOf(load(keys.rooms));
  },

  set rooms(names: readonly string[]) {
    store(keys.rooms, names);
  },

  /** Up to when each room was read. */
  get read(): ReadonlyMap<string, number> {
    const read = load(keys.read);
    if (!isObject(read)) return new Map();
    return new Map(Object.entries(read).flatMap(([room, at]) => (typeof at === 'number' ? [[room, at]] : [])));
  },

  set read(read: ReadonlyMap<string, number>) {
    store(keys.read, Object.fromEntries(read));
  },

  /** Whether this tab was in the chat, so that it goes in again when it is loaded anew. */
  get isIn(): boolean {
    try {
      return sessionStorage.getItem(IN) !== null;
    } catch {
      return false;
    }
  },

  set isIn(isIn: boolean) {
    try {
      if (isIn) sessionStorage.setItem(IN, '1');
      else sessionStorage.removeItem(IN);
    } catch {
      // Then the page asks for the name again.
    }
  },
};
