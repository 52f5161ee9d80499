import { limits } from '../src/cases/9-limits.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow(limits);
