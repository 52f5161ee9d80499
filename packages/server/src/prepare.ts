import { nodePlatform } from '@tidewire/node';
import { PreparedBatch, PreparedMessage } from '@tidewire/protocol';

/**
 * Puts the frames of messages together, one behind the other, for sockets that all get them: see `Socket.sendPrepared`.
 * @param messages text, or bytes that must not change as long as the batch is in use
 * @throws TypeError for anything else
 */
export function prepare(messages: readonly (string | Uint8Array)[]): PreparedBatch {
  for (const message of messages) {
    if (typeof message !== 'string' && !(message instanceof Uint8Array)) {
      throw new TypeError(`messages must be strings or Uint8Arrays, not ${typeof message}`);
    }
  }
  return new PreparedBatch(
    messages.map((message) => new PreparedMessage(message, nodePlatform)),
    nodePlatform,
  );
}
