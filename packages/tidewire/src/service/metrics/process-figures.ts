import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Figures } from '@tidewire/console/operate-messages';

// The process, as the console shows it. What prom-client collects is no use for that: its lag of the event loop begins anew with
// each scrape, and Prometheus would be told of less than there was. So the lag is measured beside it, while somebody looks.

/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 20;
/** Milliseconds without a question after which nobody looks any more. */
const LINGER = 30_000;

export class ProcessFigures {
  #lag: IntervalHistogram | undefined;
  #linger: NodeJS.Timeout | undefined;

  read(): Figures['process'] {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    return { cpu: (user + system) / 1e6, memory: rss, heap: heapUsed, lag: this.#readLag() };
  }

  stop(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#lag?.disable();
    this.#lag = undefined;
  }

  #readLag(): Figures['process']['lag'] {
    this.#linger ??= setTimeout(() => this.stop(), LINGER).unref();
    this.#linger.refresh();
    if (this.#lag === undefined) {
      this.#lag = monitorEventLoopDelay({ resolution: RESOLUTION });
      this.#lag.enable();
      return { p50: 0, p99: 0, max: 0 };
    }
    const lag = this.#lag;
    // What it measures is how far apart two looks were.
    const late = (nanoseconds: number) => (lag.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - RESOLUTION / 1000));
    const read = { p50: late(lag.percentile(50)), p99: late(lag.percentile(99)), max: late(lag.max) };
    lag.reset();
    return read;
  }
}
