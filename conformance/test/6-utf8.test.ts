import { utf8 } from '../src/cases/6-utf8.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow(utf8);
