/** How many there are of each. */
export interface LayoutOptions {
  readonly connections: number;
  readonly publishers: number;
  readonly channels: number;
  readonly subscriptions: number;
  /** The name of a channel, with {{channel}} for its number. */
  readonly channel: string;
}

/** Who publishes to which channels, and who subscribes to them. Connections are meant by index; channels by number, from 0 on. */
export class Layout {
  readonly #options: LayoutOptions;
  /** The publishers of each set of channels that somebody subscribes to, by the first of these. */
  readonly #publishers = new Map<number, readonly number[]>();

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  isPublisher(index: number): boolean {
    return index >= 0 && index < this.#options.publishers;
  }

  /** The channel that a publisher sends to. */
  channelOf(publisher: number): number {
    return publisher % this.#options.channels;
  }

  /** The channels of a subscriber. */
  channelsOf(index: number): readonly number[] {
    const { channels } = this.#options;
    const first = this.#firstOf(index);
    return Array.from({ length: this.#width }, (_, i) => (first + i) % channels);
  }

  /** Whether a subscriber gets what this connection publishes. */
  isFor(publisher: number, index: number): boolean {
    if (!this.isPublisher(publisher)) return false;
    const { channels } = this.#options;
    return (this.channelOf(publisher) - this.#firstOf(index) + channels) % channels < this.#width;
  }

  /** All whose messages a subscriber gets. */
  publishersFor(index: number): readonly number[] {
    const first = this.#firstOf(index);
    const known = this.#publishers.get(first);
    if (known !== undefined) return known;
    const all = Array.from({ length: this.#options.publishers }, (_, publisher) => publisher);
    const found = all.filter((publisher) => this.isFor(publisher, index));
    this.#publishers.set(first, found);
    return found;
  }

  nameOf(channel: number): string {
    return this.written(this.#options.channel, channel);
  }

  /** The template with the number of a channel, from 1 on. */
  written(template: string, channel: number): string {
    return template.replaceAll(/\{\{\s*channel\s*\}\}/g, String(channel + 1));
  }

  get #width(): number {
    return Math.min(this.#options.subscriptions, this.#options.channels);
  }

  #firstOf(index: number): number {
    return (index - this.#options.publishers) % this.#options.channels;
  }
}
