import { DiskEngine } from '@tidewire/engine-disk';

// Publishes until it is killed, and says what it was told and what was acknowledged, a line for each.

const [directory = '', run = '', sync = ''] = process.argv.slice(2);
const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);
const engine = new DiskEngine({ directory, sync: sync === 'true' });
await engine.start(`publisher-${run}`, {
  published: (channel, { data }, { epoch, offset, previous }) => say('told', channel, epoch, offset, data, previous),
  signalled: () => {},
  interrupted: (reason) => say('interrupted', reason),
  resumed: () => {},
  expired: () => {},
  requested: async () => '',
  describe: () => '{}',
});
const retention = { name: 'test', size: 1_000_000, ttl: 3_600_000, positionTtl: 3_600_000 };
let count = 0;
async function publishTo(channel, width) {
  const publish = async () => {
    const data = `${run}-${count++}`;
    const options = { retention, idempotencyKey: data };
    const { position } = await engine.publish(channel, { data: JSON.stringify(data), time: 1 }, options);
    say('acknowledged', channel, position.epoch, position.offset, JSON.stringify(data));
  };
  for (;;) await Promise.all(Array.from({ length: width }, publish));
}
await Promise.all(['a', 'b', 'c'].map((channel) => engine.subscribe(channel)));
publishTo('a', 1);
publishTo('b', 5);
publishTo('c', 20);
