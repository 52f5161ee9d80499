import type { Command } from 'commander';

const examples = `
Examples:
  $ tidewire config example > tidewire.yaml
  $ tidewire config check tidewire.yaml
  $ tidewire config schema > tidewire.schema.json`;

export function addConfig(program: Command): void {
  const config = program
    .command('config')
    .summary('what can be configured, and whether a file is right')
    .description('Says what tidewire serve can be told in a file or by the environment, and whether that is right.')
    .addHelpText('after', examples);
  config
    .command('check')
    .summary('whether a file is right, and what would be served')
    .description(
      'Reads a file and the TIDEWIRE_… variables as tidewire serve does, and says all that is wrong, a line for each.',
    )
    .argument('[file]', 'YAML or JSON; default: the one that TIDEWIRE_CONFIG names')
    .addHelpText('after', '\nExamples:\n  $ tidewire config check tidewire.yaml')
    .action(async (file: string | undefined) => {
      const { checkConfig } = await import('../config/check.ts');
      process.stdout.write(checkConfig({ file, environment: process.env }));
    });
  config
    .command('example')
    .summary('a file with every key, its default, and what it is for')
    .description('Writes a YAML file with every key, its default, and what it is for.')
    .addHelpText('after', '\nExamples:\n  $ tidewire config example > tidewire.yaml')
    .action(async () => {
      const { exampleConfig } = await import('../config/example.ts');
      process.stdout.write(exampleConfig());
    });
  config
    .command('schema')
    .summary('a JSON Schema of the file, for editors')
    .description('Writes a JSON Schema of the file, by which editors complete and check it.')
    .addHelpText('after', '\nExamples:\n  $ tidewire config schema > tidewire.schema.json')
    .action(async () => {
      const { jsonSchema } = await import('../config/outline.ts');
      process.stdout.write(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`);
    });
  config
    .command('reference')
    .summary('every key in a table, in Markdown')
    .description('Writes every key with its default and what it is for, as a page of documentation has it.')
    .addHelpText('after', '\nExamples:\n  $ tidewire config reference | less')
    .action(async () => {
      const { reference } = await import('../config/reference.ts');
      process.stdout.write(reference());
    });
}
