import type { HubObserver } from '@tidewire/hub';
import type { Logger } from 'pino';
import type { EngineWatch } from './engine-watch.ts';

/** Milliseconds between two lines of the log about the same. */
const PAUSE = 60_000;

/** Tells the metrics of everything, and the log of what an operator should look at. Either may be missing. */
export function observe(metrics: HubObserver = {}, watch?: EngineWatch, log?: Logger): Required<HubObserver> {
  let saidAt = Number.NEGATIVE_INFINITY;
  const dropped = { publications: 0, positions: 0 };
  return {
    connected: (...event) => metrics.connected?.(...event),
    disconnected: (...event) => metrics.disconnected?.(...event),
    pongReceived: (...event) => metrics.pongReceived?.(...event),
    commandDone: (...event) => metrics.commandDone?.(...event),
    subscribed: (...event) => metrics.subscribed?.(...event),
    unsubscribed: (...event) => metrics.unsubscribed?.(...event),
    channelOpened: (...event) => metrics.channelOpened?.(...event),
    channelClosed: (...event) => metrics.channelClosed?.(...event),
    published: (...event) => metrics.published?.(...event),
    broadcast: (...event) => metrics.broadcast?.(...event),
    recovered: (...event) => metrics.recovered?.(...event),
    slowConsumer: (...event) => metrics.slowConsumer?.(...event),
    engineMeasured: (...event) => metrics.engineMeasured?.(...event),
    webhookDone: (...event) => metrics.webhookDone?.(...event),
    threw(where, error) {
      metrics.threw?.(where, error);
      log?.error({ where, err: error }, 'the hub could not do what a client wanted');
    },
    gapNoticed(namespace, outcome) {
      metrics.gapNoticed?.(namespace, outcome);
      log?.warn({ namespace, outcome }, 'the engine has left something out');
    },
    engineInterrupted(reason) {
      metrics.engineInterrupted?.(reason);
      watch?.engineInterrupted(reason);
      log?.error({ reason }, 'the engine is interrupted');
    },
    historyShortened(publications, positions) {
      metrics.historyShortened?.(publications, positions);
      dropped.publications += publications;
      dropped.positions += positions;
      const now = performance.now();
      if (now - saidAt < PAUSE) return;
      saidAt = now;
      log?.warn({ ...dropped }, 'histories are larger than engine.memory.maxHistory: the oldest were dropped early');
      dropped.publications = 0;
      dropped.positions = 0;
    },
    engineResumed() {
      metrics.engineResumed?.();
      watch?.engineResumed();
      log?.info('the engine works again');
    },
  };
}
