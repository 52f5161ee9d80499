// What the tests use of @xmpp/client, which has no types.
declare module '@xmpp/client' {
  export interface Element {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string>>;
    is(name: string, namespace?: string): boolean;
    getChild(name: string, namespace?: string): Element | undefined;
    getChildText(name: string, namespace?: string): string | null;
    text(): string;
  }

  export interface XmppClient {
    on(event: 'stanza', listener: (stanza: Element) => void): this;
    on(event: 'online', listener: (address: { toString(): string }) => void): this;
    on(event: 'disconnect' | 'offline', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    start(): Promise<{ toString(): string }>;
    stop(): Promise<void>;
    send(element: Element): Promise<void>;
    readonly reconnect: { delay: number; stop(): void };
    readonly iqCaller: { request(iq: Element, timeout?: number): Promise<Element> };
    readonly streamManagement: {
      on(event: 'resumed' | 'fail', listener: (stanza: Element) => void): void;
      readonly enabled: boolean;
    };
    readonly socket: { end(): void } | null;
    disconnect(timeout?: number): Promise<unknown>;
  }

  export function client(options: {
    service: string;
    domain: string;
    username: string;
    password: string;
    resource?: string;
  }): XmppClient;
  export function xml(name: string, attributes?: Record<string, string>, ...children: (Element | string)[]): Element;
}
