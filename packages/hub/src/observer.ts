import type { Disconnect } from './codes.ts';

// What a hub tells who measures it. Everything is optional, called synchronously, and must be cheap.

export interface HubObserver {
  connected?(transport: string): void;
  /** @param duration milliseconds that the connection has lasted */
  disconnected?(transport: string, disconnect: Disconnect, duration: number): void;
  /** A client has answered a ping of its dialect. @param duration milliseconds from ping to pong */
  pongReceived?(transport: string, duration: number): void;
  /** @param outcome a code of `errorCodes` or of a hook, or 0 */
  commandDone?(command: string, outcome: number, duration: number): void;
  subscribed?(namespace: string): void;
  unsubscribed?(namespace: string, code: number): void;
  /** A hook, a handler or the hub itself threw what is no answer to a client; the client was told 100. */
  threw?(where: string, error: unknown): void;
  /** The node has its first subscriber of a channel, or no subscriber any more. */
  channelOpened?(namespace: string): void;
  channelClosed?(namespace: string): void;
  /** A publication was handed to the engine by this node. */
  published?(namespace: string, bytes: number): void;
  /**
   * Publications of one turn have gone to the subscribers of a channel.
   * @param duration milliseconds that writing to all of them took
   */
  broadcast?(namespace: string, publications: number, subscribers: number, bytes: number, duration: number): void;
  /** How coming back with a position has ended. @param publications that were given */
  recovered?(namespace: string, outcome: 'recovered' | 'failed', publications: number): void;
  /** The node has noticed that the engine has not told it of something. */
  gapNoticed?(namespace: string, outcome: 'filled' | 'resubscribed'): void;
  slowConsumer?(
    namespace: string,
    action: 'queued' | 'disconnected' | 'dropped' | 'conflated',
    publications: number,
  ): void;
  engineMeasured?(operation: string, duration: number, isOk: boolean): void;
  engineInterrupted?(reason: string): void;
  engineResumed?(): void;
  /** The engine has dropped publications, and positions of channels, before their time, to stay within its bounds. */
  historyShortened?(publications: number, positions: number): void;
  webhookDone?(event: string, outcome: 'ok' | 'failed' | 'dropped', duration: number, attempts: number): void;
}
