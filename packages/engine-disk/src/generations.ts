import { readFileSync } from 'node:fs';
import type { ClassicLevel } from 'classic-level';
import { damaged } from './errors.ts';
import { parsed, STATE_KEY } from './records.ts';

// When the machine goes down, what was written without `sync` may be lost, and with it the last offsets that were given. They
// would be given again, so all epochs have to end. This is what a generation is for: it is a part of every epoch that is told,
// and a store that may have lost something begins the next one.

interface State {
  readonly format: number;
  readonly generation: number;
  /** Names the start of the machine at which the store was last open. */
  readonly boot: string;
  /** Whether all that was acknowledged was safe from a loss of power, at that time. */
  readonly isSafe: boolean;
}

const FORMAT = 1;

/** @returns the generation, of a store that is now in use */
export async function beginGeneration(store: ClassicLevel, isSynced: boolean, hasLostData: boolean): Promise<number> {
  const text = await store.get(STATE_KEY);
  const before = text === undefined ? undefined : decode(store.location, text);
  const boot = currentBoot();
  const isSame = before === undefined || before.isSafe || (boot !== '' && before.boot === boot);
  const generation = (before?.generation ?? 0) + (isSame && !hasLostData ? 0 : 1);
  await write(store, { format: FORMAT, generation, boot, isSafe: isSynced });
  return generation;
}

/** To be called when nothing more will be written, and everything is safe. */
export async function endGeneration(store: ClassicLevel, generation: number): Promise<void> {
  await write(store, { format: FORMAT, generation, boot: currentBoot(), isSafe: true });
}

function write(store: ClassicLevel, state: State): Promise<void> {
  return store.put(STATE_KEY, JSON.stringify(state), { sync: true });
}

function decode(location: string, text: string): State {
  const state = parsed(text);
  const isState = (value: unknown): value is State =>
    typeof value === 'object' &&
    value !== null &&
    ['format', 'generation', 'boot', 'isSafe'].every((name) => name in value);
  if (!isState(state)) throw damaged(location, `it says of itself ${text.slice(0, 100)}`);
  if (state.format !== FORMAT)
    throw damaged(location, `its format is ${state.format}, and this version knows ${FORMAT}`);
  return state;
}

/** Names the time for which the machine has been up; the empty string where the system does not say. */
function currentBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
