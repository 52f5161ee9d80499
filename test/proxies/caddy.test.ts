import { describeDocumented } from './support/contract.ts';
import { startCaddy } from './support/documented.ts';
import { caddyPath } from './support/run-proxy.ts';

describeDocumented('through a Caddy as documented', caddyPath !== '', startCaddy, false);
