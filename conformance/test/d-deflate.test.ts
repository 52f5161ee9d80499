import { deflateMessages } from '../src/cases/d-deflate-messages.ts';
import { deflateParameterRules } from '../src/cases/d-deflate-parameters.ts';
import { testEveryRow } from './every-row.ts';

testEveryRow([...deflateParameterRules, ...deflateMessages]);
