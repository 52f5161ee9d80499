import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

// Stands before a TCP server, so that a test can cut off one of its clients.

/** Characters of what a client sends. */
const REMEMBERED = 10_000;

export class Gate {
  readonly #server: Server;
  #target: number;
  readonly #sockets = new Set<Socket>();
  /** What each client has sent at the beginning. */
  readonly #clients = new Map<Socket, string>();
  readonly #held = new Set<Socket>();
  #isOpen = true;

  /** @param target a port of 127.0.0.1 */
  static async open(target: number): Promise<Gate> {
    const gate = new Gate(target);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#pass(socket));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The gate is closed');
    return address.port;
  }

  /** Ends all connections, and those that come, until `mend`. */
  cut(): void {
    this.#isOpen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isOpen = true;
  }

  /** Ends all connections; those that come lead to another port. */
  turn(target: number): void {
    this.cut();
    this.#target = target;
    this.mend();
  }

  /** Passes nothing on any more to the clients that have sent something that is `meant`; their connections stand. */
  hold(isMeant: (sent: string) => boolean): void {
    for (const [socket, sent] of this.#clients) if (isMeant(sent)) this.#held.add(socket);
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(socket: Socket): void {
    if (!this.#isOpen) {
      socket.destroy();
      return;
    }
    const further = connect(this.#target, '127.0.0.1');
    this.#clients.set(socket, '');
    this.#join(socket, further);
    this.#join(further, socket);
    socket.on('data', (bytes) => {
      const sent = this.#clients.get(socket) ?? '';
      if (sent.length < REMEMBERED) this.#clients.set(socket, sent + bytes.toString('latin1'));
      further.write(bytes);
    });
    further.on('data', (bytes) => {
      if (!this.#held.has(socket)) socket.write(bytes);
    });
  }

  #join(one: Socket, other: Socket): void {
    this.#sockets.add(one);
    one.setNoDelay(true);
    one.on('error', () => {});
    one.on('close', () => {
      this.#sockets.delete(one);
      this.#clients.delete(one);
      this.#held.delete(one);
      other.destroy();
    });
  }
}
