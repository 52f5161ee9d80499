import type { HubObserver } from '@tidewire/hub';
import type { Logger } from 'pino';
import type { EngineWatch } from './engine-watch.ts';

/** Tells the metrics of everything, and the log of what an operator should look at. Either may be missing. */
export function observe(metrics: HubObserver = {}, watch?: EngineWatch, log?: Logger): Required<HubObserver> {
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
    engineResumed() {
      metrics.engineResumed?.();
      watch?.engineResumed();
      log?.info('the engine works again');
    },
  };
}
