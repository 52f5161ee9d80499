import { DiskEngine } from '@tidewire/engine-disk';

// Publishes until a file may not grow any more, then goes on when the store was opened again, and says how that went: JSON.

const engine = new DiskEngine({ directory: process.argv[2] ?? '' });
const told = [];
const staying = setInterval(() => {}, 1000);
let interruptions = 0;
let resume = () => {};
const resumed = new Promise((resolve) => {
  resume = resolve;
});
await engine.start('filler', {
  published: (_channel, { data }) => told.push(JSON.parse(data).count),
  signalled: () => {},
  interrupted: () => interruptions++,
  resumed: resume,
  expired: () => {},
  requested: async () => '',
  describe: () => '{}',
});
const retention = { name: 'test', size: 1000, ttl: 3_600_000, positionTtl: 3_600_000 };
const fill = 'filling '.repeat(2500);
const publish = (count) => engine.publish('a', { data: JSON.stringify({ count, fill }), time: 1 }, { retention });
await engine.subscribe('a');
const acknowledged = [];
let failure;
for (let count = 0; failure === undefined && count < 1000; count++)
  await publish(count).then(
    () => acknowledged.push(count),
    (error) => {
      failure = error;
    },
  );
const toldBefore = [...told];
await resumed;
await publish('last');
const { publications, isComplete } = await engine.history('a', retention);
const kept = publications.map(({ publication }) => JSON.parse(publication.data).count);
await engine.stop();
clearInterval(staying);
const { name, code, message } = failure ?? {};
console.log(
  JSON.stringify({ acknowledged, toldBefore, told, interruptions, failure: { name, code, message }, kept, isComplete }),
);
