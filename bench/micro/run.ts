import { deflate } from './deflate.ts';
import { framing } from './framing.ts';
import { masking } from './masking.ts';
import { topics } from './topics.ts';
import { utf8 } from './utf8.ts';

// The pieces that every message goes through, by themselves, beside the other ways to do the same. `*` is the cheapest.
// Last, what topics cost among many others.

console.log(`Node ${process.version}`);
await masking();
await utf8();
await framing();
await deflate();
await topics();
// The sockets in memory have no end.
process.exit();
