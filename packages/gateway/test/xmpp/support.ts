import { WebSocket } from '@tidewire/client';
import type { Target } from '@tidewire/gateway';
import { client, type Element, type XmppClient } from '@xmpp/client';
import { onTestFinished, vi } from 'vitest';
import { Client } from '../support.ts';

// Clients of XMPP: by messages as they are, and by @xmpp/client.

export const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
export const OPEN = `<open xmlns="${FRAMING}" to="localhost" version="1.0"/>`;
export const CLOSE = `<close xmlns="${FRAMING}"/>`;

export function xmppTarget(port: number, more: Partial<Target> = {}): Target {
  return { name: 'xmpp', type: 'xmpp', host: '127.0.0.1', port, ...more };
}

/** Messages one after the other. */
export class Reader {
  readonly client: Client;
  #at = 0;

  constructor(client: Client) {
    this.client = client;
  }

  static async open(url: string): Promise<Reader> {
    return new Reader(await Client.open(`${url}/xmpp`, ['xmpp']));
  }

  send(...messages: readonly string[]): void {
    for (const message of messages) this.client.socket.send(message);
  }

  async next(): Promise<string> {
    await this.client.until((messages) => messages.length > this.#at);
    const message = this.client.messages[this.#at];
    this.#at += 1;
    if (typeof message !== 'string') throw new Error('It is binary');
    return message;
  }

  /** Opens a stream, up to its features. */
  async begin(open = OPEN): Promise<readonly [open: string, features: string]> {
    this.send(open);
    return [await this.next(), await this.next()];
  }

  /** Opens a stream and logs in, up to the features behind that. */
  async logIn(user: string, password: string): Promise<string> {
    await this.begin();
    const response = Buffer.from(`\0${user}\0${password}`).toString('base64');
    this.send(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${response}</auth>`);
    const answer = await this.next();
    if (!answer.startsWith('<success')) throw new Error(answer);
    const [, features] = await this.begin();
    return features;
  }

  /** The same, with a resource of the server's choice. */
  async bind(user: string, password: string): Promise<string> {
    await this.logIn(user, password);
    this.send('<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>');
    return /<jid>(.*)<\/jid>/.exec(await this.next())?.[1] ?? '';
  }
}

export interface Connected {
  readonly xmpp: XmppClient;
  /** Everything that comes, until the test ends. */
  readonly stanzas: Element[];
  readonly errors: Error[];
  /** Waits for such a stanza, and takes it out. */
  stanza(isMeant: (stanza: Element) => boolean): Promise<Element>;
}

/** @xmpp/client takes the global WebSocket, which old Nodes do not have. */
export function xmppClient(service: string, username: string, password: string): Connected {
  vi.stubGlobal('WebSocket', WebSocket);
  const xmpp = client({ service, domain: 'localhost', username, password });
  const stanzas: Element[] = [];
  const errors: Error[] = [];
  let changed = () => {};
  xmpp.on('error', (error) => errors.push(error));
  xmpp.on('stanza', (stanza) => {
    stanzas.push(stanza);
    changed();
  });
  onTestFinished(async () => {
    xmpp.reconnect.stop();
    await xmpp.stop();
  });
  const stanza = async (isMeant: (stanza: Element) => boolean) => {
    for (;;) {
      const index = stanzas.findIndex(isMeant);
      const [found] = index === -1 ? [] : stanzas.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  return { xmpp, stanzas, errors, stanza };
}
