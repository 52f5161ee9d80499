import { type Client, CommandError } from '@tidewire/hub';
import type { ClientCommand, SubscribeCommand } from './command.ts';
import type { Answer, Dialect } from './dialect.ts';

/**
 * Does what a client asks for, and words what came of it. Rejects as the client's methods do.
 * @param say gives the answer that must go out before the command has come to its end
 * @returns the answer, where there is one yet to give
 */
export async function carryOut(
  client: Client,
  dialect: Dialect,
  command: ClientCommand,
  say: (answer: Answer) => void,
): Promise<Answer | undefined> {
  switch (command.type) {
    case 'subscribe':
      return subscribe(client, dialect, command, say);
    case 'unsubscribe':
      await client.unsubscribe(command.channel);
      return dialect.unsubscribed(command);
    case 'publish':
      await client.publish(command.channel, command.data);
      return dialect.published(command);
    case 'presence':
      return dialect.presence(command, await client.presence(command.channel));
    case 'presenceStats':
      return dialect.presenceStats(command, await client.presenceStats(command.channel));
    case 'history':
      return dialect.history(command, await client.history(command.channel, command.request));
    case 'rpc':
      return dialect.called(command, await client.rpc(command.method, command.data));
    case 'send':
      await client.send(command.data);
      return undefined;
    case 'refresh':
      return dialect.refreshed(command, await client.refresh(command.token));
    case 'refreshSubscription':
      return dialect.refreshed(command, await client.refreshSubscription(command.channel, command.token));
    case 'ping':
      return dialect.pong(command);
    case 'refused':
      throw command.error;
  }
}

async function subscribe(
  client: Client,
  dialect: Dialect,
  command: SubscribeCommand,
  say: (answer: Answer) => void,
): Promise<undefined> {
  let isRejected = false;
  await client.subscribe(command.request, (result) => {
    isRejected = command.rejectsUnrecovered && result.recovery === 'failed';
    if (!isRejected) say(dialect.subscribed(command, result));
  });
  if (!isRejected) return;
  await client.unsubscribe(command.channel);
  throw new CommandError('UNRECOVERABLE_POSITION');
}
