import { framing } from '../src/cases/1-framing.ts';
import { pings } from '../src/cases/2-pings.ts';
import { reservedBits } from '../src/cases/3-reserved-bits.ts';
import { opcodes } from '../src/cases/4-opcodes.ts';
import { fragmentation } from '../src/cases/5-fragmentation.ts';
import { autoFragmentation } from '../src/cases/10-auto-fragmentation.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow([...framing, ...pings, ...reservedBits, ...opcodes, ...fragmentation, ...autoFragmentation]);
