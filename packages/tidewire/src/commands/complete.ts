import type { Command, Option } from 'commander';
import type { LateCommands } from './late.ts';

// What can stand where the cursor is, as the commands themselves say.

export interface Candidate {
  /** The whole word; or `<file>`, for the files that there are. */
  readonly value: string;
  /** What it is for, in a few words. */
  readonly says: string;
}

const files: Candidate = { value: '<file>', says: '' };

/** @param words behind the name of the program; the last, which may be empty, is to be completed */
export async function complete(
  program: Command,
  late: LateCommands,
  words: readonly string[],
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? '';
  const { command, awaits, isOver, position } = await place(program, late, words.slice(0, -1));
  if (awaits !== undefined) return startingWith(current, valuesOf(awaits));
  if (!isOver && current.startsWith('-')) return startingWith(current, flagsOf(command));
  const commands = position > 0 ? [] : commandsOf(command);
  return startingWith(current, [...commands, ...argumentsOf(command, position)]);
}

interface Place {
  readonly command: Command;
  /** The flag whose value comes next. */
  readonly awaits: Option | undefined;
  /** Whether no more flags come. */
  readonly isOver: boolean;
  /** How many arguments of the command came before. */
  readonly position: number;
}

/** Where the words before the cursor lead. */
async function place(program: Command, late: LateCommands, words: readonly string[]): Promise<Place> {
  let command = program;
  let awaits: Option | undefined;
  let isOver = false;
  let position = 0;
  for (const word of words) {
    if (awaits !== undefined) {
      awaits = undefined;
    } else if (!isOver && word === '--') {
      isOver = true;
    } else if (!isOver && word.startsWith('-')) {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      if (option?.required === true) awaits = option;
    } else {
      const next = position === 0 ? visible(command).find((each) => each.name() === word) : undefined;
      if (next === undefined) {
        position += 1;
      } else {
        command = next;
        await late.complete(command);
      }
    }
  }
  return { command, awaits, isOver, position };
}

function visible(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function commandsOf(command: Command): readonly Candidate[] {
  return visible(command).map((each) => ({ value: each.name(), says: each.summary() }));
}

function flagsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', says: description }));
}

function valuesOf({ argChoices, flags }: Option): readonly Candidate[] {
  if (argChoices !== undefined) return argChoices.map((value) => ({ value, says: '' }));
  return isFile(flags) ? [files] : [];
}

function argumentsOf(command: Command, position: number): readonly Candidate[] {
  const all = command.registeredArguments;
  const argument = all[position] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
  if (argument === undefined) return [];
  if (command.name() === 'help' && command.parent !== null) return commandsOf(command.parent);
  if (argument.argChoices !== undefined) return argument.argChoices.map((value) => ({ value, says: '' }));
  return isFile(argument.name()) ? [files] : [];
}

/** Whether what stands for a value says that it is a file or a directory. */
function isFile(placeholder: string): boolean {
  return /\b(?:file|directory)\b/i.test(placeholder);
}

function startingWith(current: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter((candidate) => candidate === files || candidate.value.startsWith(current));
}
