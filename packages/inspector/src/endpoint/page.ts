import type { Batch } from '../recorder.ts';
import type { InspectorMessage } from '../recording/index.ts';
import type { PageNews } from './news.ts';

// One page that looks on. It is told at most so often, and only while it takes what it is told.

/** Between two pieces of news, in milliseconds. */
const INTERVAL = 50;

/** What is needed of the page's socket. */
export interface PageSocket {
  readonly bufferedAmount: number;
  send(text: string): unknown;
}

export class Page {
  readonly #socket: PageSocket;
  readonly #news: PageNews;
  #timer: NodeJS.Timeout | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #isGone = false;

  constructor(socket: PageSocket, news: PageNews) {
    this.#socket = socket;
    this.#news = news;
  }

  say(message: InspectorMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  watch(from: number | undefined): void {
    this.#news.watch(from);
    this.#tell();
  }

  pause(): void {
    this.#news.pause();
  }

  /** All that was recorded is forgotten. */
  cleared(message: Extract<InspectorMessage, { type: 'cleared' }>): void {
    this.#news.cleared();
    this.say(message);
  }

  /** Something has happened. */
  note(batch: Batch): void {
    this.#news.note(batch);
    this.#schedule();
  }

  gone(): void {
    this.#isGone = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isGone || !this.#news.isWaiting) return;
    const wait = Math.max(0, this.#toldAt + INTERVAL - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A page that has not taken the last news yet is told the next when it has: all that has come until then.
      if (this.#socket.bufferedAmount === 0) this.#tell();
      else this.#toldAt = performance.now();
      this.#schedule();
    }, wait);
  }

  #tell(): void {
    this.#toldAt = performance.now();
    this.say(this.#news.take());
    this.#schedule();
  }
}
