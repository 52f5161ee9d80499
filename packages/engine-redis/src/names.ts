import { EngineError } from '@tidewire/hub';
import type { Connection } from './connection.ts';

// The names that a node listens to, of one kind: channels, or patterns. What a turn adds and takes away goes to the server as
// one command of each sort. What matters is what is wanted when the turn is over.

const NAMES_PER_COMMAND = 1000;

export interface Commands {
  add(connection: Connection, names: string[]): Promise<void>;
  remove(connection: Connection, names: string[]): Promise<void>;
}

export class Names {
  readonly #commands: Commands;
  readonly #wanted = new Set<string>();
  /** What the server of this connection was told to listen for, and when it has said that it does. */
  readonly #known = new Map<string, Promise<void>>();
  #changed = new Set<string>();
  #connection: Connection | undefined;
  #flushing: Promise<void> | undefined;

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  /** @throws EngineError `UNAVAILABLE` */
  async add(name: string): Promise<void> {
    const isNew = !this.#wanted.has(name);
    this.#wanted.add(name);
    try {
      await this.#change(name);
      await this.#known.get(name);
    } catch (error) {
      if (isNew) this.#wanted.delete(name);
      throw error;
    }
  }

  /** The server hears of it by and by. */
  remove(name: string): void {
    this.#wanted.delete(name);
    this.#change(name).catch(() => {});
  }

  /** Resolves when the server of a new connection listens for everything that is wanted. */
  async attach(connection: Connection): Promise<void> {
    this.#known.clear();
    this.#changed.clear();
    this.#send(connection, [...this.#wanted]);
    await Promise.all(this.#known.values());
    this.#connection = connection;
    // What was taken away meanwhile.
    for (const name of this.#changed) this.#change(name).catch(() => {});
  }

  detach(): void {
    this.#connection = undefined;
    this.#changed.clear();
  }

  #change(name: string): Promise<void> {
    this.#changed.add(name);
    this.#flushing ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#flushing = undefined;
        if (this.#connection === undefined) return reject(new EngineError('UNAVAILABLE', 'The connection was lost'));
        this.#flush(this.#connection);
        resolve();
      });
    });
    return this.#flushing;
  }

  #flush(connection: Connection): void {
    const added: string[] = [];
    const removed: string[] = [];
    for (const name of this.#changed) {
      const isWanted = this.#wanted.has(name);
      if (isWanted === this.#known.has(name)) continue;
      if (isWanted) added.push(name);
      else removed.push(name);
    }
    this.#changed = new Set();
    this.#send(connection, added);
    for (const names of chunks(removed)) {
      for (const name of names) this.#known.delete(name);
      this.#commands.remove(connection, names).catch(() => {});
    }
  }

  #send(connection: Connection, all: string[]): void {
    for (const names of chunks(all)) {
      const adding = this.#commands.add(connection, names);
      // Whoever waits for it hears of the failure.
      adding.catch(() => {
        for (const name of names) if (this.#known.get(name) === adding) this.#known.delete(name);
      });
      for (const name of names) this.#known.set(name, adding);
    }
  }
}

function* chunks(names: string[]): Generator<string[]> {
  for (let i = 0; i < names.length; i += NAMES_PER_COMMAND) yield names.slice(i, i + NAMES_PER_COMMAND);
}
