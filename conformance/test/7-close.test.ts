import { closing } from '../src/cases/7-close.ts';
import { endings } from '../src/cases/c-closing.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow([...closing, ...endings]);
