import { compression } from '../src/cases/12-13-compression.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow(compression);
