// Which nodes want the events of which channels.

export class Subscriptions<Node> {
  readonly #channels = new Map<string, Set<Node>>();
  readonly #prefixes = new Map<string, Set<Node>>();

  has(channel: string): boolean {
    return this.#channels.has(channel) || this.#matching(channel).length > 0;
  }

  add(channel: string, node: Node): void {
    add(this.#channels, channel, node);
  }

  remove(channel: string, node: Node): void {
    remove(this.#channels, channel, node);
  }

  addPrefix(prefix: string, node: Node): void {
    add(this.#prefixes, prefix, node);
  }

  removePrefix(prefix: string, node: Node): void {
    remove(this.#prefixes, prefix, node);
  }

  removeNode(node: Node): void {
    for (const map of [this.#channels, this.#prefixes]) for (const name of map.keys()) remove(map, name, node);
  }

  /** Calls `tell` with each node that is subscribed to the channel, once. */
  each(channel: string, tell: (node: Node) => void): void {
    const direct = this.#channels.get(channel);
    if (this.#prefixes.size === 0) {
      direct?.forEach(tell);
      return;
    }
    const nodes = new Set(direct);
    for (const set of this.#matching(channel)) for (const node of set) nodes.add(node);
    nodes.forEach(tell);
  }

  /** Of all prefixes that the channel begins with, each of which ends with one of its colons. */
  #matching(channel: string): Set<Node>[] {
    const found: Set<Node>[] = [];
    if (this.#prefixes.size === 0) return found;
    for (let colon = channel.indexOf(':'); colon >= 0; colon = channel.indexOf(':', colon + 1)) {
      const nodes = this.#prefixes.get(channel.slice(0, colon + 1));
      if (nodes !== undefined) found.push(nodes);
    }
    return found;
  }
}

function add<Node>(map: Map<string, Set<Node>>, name: string, node: Node): void {
  const nodes = map.get(name);
  if (nodes === undefined) map.set(name, new Set([node]));
  else nodes.add(node);
}

function remove<Node>(map: Map<string, Set<Node>>, name: string, node: Node): void {
  const nodes = map.get(name);
  if (nodes === undefined) return;
  nodes.delete(node);
  if (nodes.size === 0) map.delete(name);
}
