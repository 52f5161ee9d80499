import { lengthsAndMasks } from '../src/cases/l-lengths-and-masks.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow(lengthsAndMasks);
