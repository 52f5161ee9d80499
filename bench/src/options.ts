import { parseArgs } from 'node:util';

export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly only: RegExp;
  readonly peers: readonly string[] | undefined;
  /** Whether results and charts are written. */
  readonly keep: boolean;
}

const usage = `npm run bench -- [options]

  --quick          in two minutes: Tidewire and ws, the scenarios with a goal, compared with the results that are kept
  --only PATTERN   scenarios whose id matches this regular expression, such as "fan-out"
  --peers A,B      tidewire, tidewire-lent, ws, ws-bufferutil, ws-lean, bun, deno, socket.io, sockjs,
                   hub, hub-history, hub-disk, hub-redis, hub-nats, hub-nats-3
  --rounds N       default 5, quick 2
  --seconds S      of each measurement, up to 20, default 1, quick 0.5
  --no-keep        leave bench/results and docs/performance.md as they are, as --quick and --peers do
`;

/** The options of the command line. For one that makes no sense, it says so and ends the process. */
export function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        peers: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        'no-keep': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const { quick } = values;
    return {
      quick,
      rounds: positive(values.rounds ?? (quick ? '2' : '5'), '--rounds', 1000),
      // The load does not count with the heartbeats that come after longer.
      seconds: positive(values.seconds ?? (quick ? '0.5' : '1'), '--seconds', 20),
      only: new RegExp(values.only),
      peers: values.peers?.split(',') ?? (quick ? ['tidewire', 'ws'] : undefined),
      keep: !quick && values.peers === undefined && !values['no-keep'],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

function positive(text: string, name: string, most: number): number {
  const value = Number(text);
  if (!(value > 0 && value <= most)) throw new RangeError(`${name} must be a number up to ${most}, not ${text}`);
  return value;
}
