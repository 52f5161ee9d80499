import type { HubEnginesScenario } from '../hub-scenarios.ts';
import type { PeerName } from '../peers.ts';
import { subscribing } from './dialects.ts';
import { clientFrame } from './frames.ts';
import { Histogram } from './histogram.ts';
import { jsonOf } from './hub-fan-out.ts';
import { type Load, Tally } from './load.ts';
import { MarkerCounter } from './marker-counter.ts';
import { RawConnection } from './raw-connection.ts';

/** Publishes at a steady rate, round the channels, and times each publication from the write until its subscriber has it. */
export async function startPublishing(port: number, peer: PeerName, scenario: HubEnginesScenario): Promise<Load> {
  const { channels, perSecond, burst, size } = scenario;
  const tally = new Tally(new Histogram());
  const publisher = await RawConnection.open({ port, peer, dialect: subscribing() });
  publisher.onFailure = tally.fail;
  publisher.onBytes = () => {};
  const data = jsonOf(size);
  const each: { readonly frame: Buffer; readonly sentAt: number[] }[] = [];
  for (let i = 0; i < channels; i++) {
    const channel = `channel-${i}`;
    const publish = `{"id":3,"publish":{"channel":"${channel}","data":${data}}}`;
    const entry = { frame: clientFrame('text', Buffer.from(publish)), sentAt: [] };
    each.push(entry);
    await subscribe({ port, peer, channel }, tally, entry.sentAt);
  }
  const publishTogether = (first: number) => {
    const chosen = Array.from({ length: burst }, (_, i) => each[(first + i) % each.length]);
    for (const entry of chosen) entry?.sentAt.push(performance.now());
    publisher.socket.write(Buffer.concat(chosen.flatMap((entry) => entry?.frame ?? [])));
  };
  const start = performance.now();
  let sent = 0;
  const tick = () => {
    const due = ((performance.now() - start) * perSecond) / 1000;
    for (; sent + burst <= due; sent += burst) publishTogether(sent);
    setTimeout(tick, 1);
  };
  tick();
  return tally;
}

/** Takes what comes in a channel, which is what was sent longest ago. */
async function subscribe(
  { port, peer, channel }: { readonly port: number; readonly peer: PeerName; readonly channel: string },
  tally: Tally,
  sentAt: number[],
): Promise<void> {
  const subscriber = await RawConnection.open({ port, peer, dialect: subscribing(`{"channel":"${channel}"}`) });
  const counter = new MarkerCounter('"pub":{"data":{');
  subscriber.onFailure = tally.fail;
  subscriber.onBytes = (bytes, length) => {
    for (let count = counter.take(bytes, length); count > 0; count--) {
      const time = sentAt.shift();
      if (time === undefined) tally.fail(new Error('More came than was published'));
      else tally.histogram?.record(performance.now() - time);
      tally.count++;
    }
  };
}
