import { EngineError } from '@tidewire/hub';
import { Connection } from './connection.ts';
import type { Settings } from './options.ts';
import * as members from './scripts/members.ts';
import * as nodes from './scripts/nodes.ts';
import type { Script } from './scripts/script.ts';
import * as streams from './scripts/streams.ts';
import { locate } from './sentinel.ts';

// Two connections to one server, which live and die together: one for commands, and one for events, since Redis ends the
// connection of who reads events too slowly, and a large answer must not be the reason.

const scripts: readonly Script[] = [...Object.values(streams), ...Object.values(members), ...Object.values(nodes)];

export class Session {
  readonly commands: Connection;
  readonly events: Connection;

  /**
   * @param lost is called once, unless `close` was
   * @throws EngineError `UNAVAILABLE`
   */
  static async open(settings: Settings, lost: (reason: string) => void): Promise<Session> {
    const { timeout, maxPending } = settings;
    const options = await locate(settings);
    let session: Session | undefined;
    const either = (reason: string) => {
      if (session === undefined) return;
      session.close();
      lost(reason);
    };
    const open = () => Connection.open(options, timeout, maxPending, either);
    const [commands, events] = await Promise.allSettled([open(), open()]);
    if (commands.status === 'fulfilled' && events.status === 'fulfilled') {
      session = new Session(commands.value, events.value);
      try {
        await session.#prepare();
        return session;
      } catch (error) {
        session.close();
        throw error;
      }
    }
    for (const each of [commands, events]) if (each.status === 'fulfilled') each.value.close();
    throw commands.status === 'rejected' ? commands.reason : events.status === 'rejected' ? events.reason : undefined;
  }

  private constructor(commands: Connection, events: Connection) {
    this.commands = commands;
    this.events = events;
  }

  /** Gives it up and tells so. */
  lose(reason: string): void {
    this.commands.lose(reason);
  }

  close(): void {
    this.commands.close();
    this.events.close();
  }

  async #prepare(): Promise<void> {
    const [info] = await Promise.all([
      this.commands.send(['INFO', 'replication']),
      ...scripts.map(({ text }) => this.commands.send(['SCRIPT', 'LOAD', text])),
    ]);
    const text = String(info);
    if (!/^role:master\r?$/m.test(text)) throw new EngineError('UNAVAILABLE', 'The server of Redis is no master');
    if (!/^master_replid:\w/m.test(text))
      throw new EngineError('UNAVAILABLE', 'The server does not name the history of its data (INFO, master_replid)');
  }
}
