import { pagePaths } from '../console-messages.ts';

/** The page of a channel. */
export function channelLink(channel: string): string {
  return `${pagePaths.channels}?channel=${encodeURIComponent(channel)}`;
}

/** The list of connections, with one of them open. */
export function clientLink(client: string): string {
  return `${pagePaths.connections}?client=${encodeURIComponent(client)}`;
}
