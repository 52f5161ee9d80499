import type { Command } from 'commander';
import { addManual, type Manual } from './manual.ts';

const check: Manual = {
  examples: [{ says: 'before the service is told to read it', command: 'tidewire config check tidewire.yaml' }],
};
const example: Manual = {
  examples: [{ says: 'a file to begin with', command: 'tidewire config example > tidewire.yaml' }],
};
const schema: Manual = {
  examples: [{ says: 'for an editor', command: 'tidewire config schema > tidewire.schema.json' }],
};
const reference: Manual = { examples: [{ says: 'read it', command: 'tidewire config reference | less' }] };

export function addConfig(program: Command): void {
  const config = program
    .command('config')
    .summary('what can be configured, and whether a file is right')
    .description('Says what tidewire serve can be told in a file or by the environment, and whether that is right.');
  addManual(config, { examples: [check, example, schema].flatMap(({ examples }) => examples) });
  const checking = config
    .command('check')
    .summary('whether a file is right, and what would be served')
    .description(
      'Reads a file and the TIDEWIRE_… variables as tidewire serve does, and says all that is wrong, a line for each.',
    )
    .argument('[file]', 'YAML or JSON; default: the one that TIDEWIRE_CONFIG names')
    .action(async (file: string | undefined) => {
      const { checkConfig } = await import('../config/check.ts');
      process.stdout.write(checkConfig({ file, environment: process.env }));
    });
  addManual(checking, check);
  const exampling = config
    .command('example')
    .summary('a file with every key, its default, and what it is for')
    .description('Writes a YAML file with every key, its default, and what it is for.')
    .action(async () => {
      const { exampleConfig } = await import('../config/example.ts');
      process.stdout.write(exampleConfig());
    });
  addManual(exampling, example);
  const outlining = config
    .command('schema')
    .summary('a JSON Schema of the file, for editors')
    .description('Writes a JSON Schema of the file, by which editors complete and check it.')
    .action(async () => {
      const { jsonSchema } = await import('../config/outline.ts');
      process.stdout.write(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`);
    });
  addManual(outlining, schema);
  const referring = config
    .command('reference')
    .summary('every key in a table, in Markdown')
    .description('Writes every key with its default and what it is for, as a page of documentation has it.')
    .action(async () => {
      const { reference: write } = await import('../config/reference.ts');
      process.stdout.write(write());
    });
  addManual(referring, reference);
}
