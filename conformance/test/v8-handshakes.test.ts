import { handshakes } from '../src/cases/v8-versions.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow(handshakes);
