// The whole table.
import type { Case } from '../table.ts';
import { framing } from './1-framing.ts';
import { pings } from './2-pings.ts';
import { reservedBits } from './3-reserved-bits.ts';
import { opcodes } from './4-opcodes.ts';
import { fragmentation } from './5-fragmentation.ts';
import { utf8 } from './6-utf8.ts';
import { closing } from './7-close.ts';
import { limits } from './9-limits.ts';
import { autoFragmentation } from './10-auto-fragmentation.ts';
import { agreedCompression, compression } from './12-13-compression.ts';
import { endings } from './c-closing.ts';
import { deflateMessages } from './d-deflate-messages.ts';
import { deflateParameterRules } from './d-deflate-parameters.ts';
import { lengthsAndMasks } from './l-lengths-and-masks.ts';
import { handshakes } from './v8-versions.ts';

export const allCases: readonly Case[] = [
  ...framing,
  ...pings,
  ...reservedBits,
  ...opcodes,
  ...fragmentation,
  ...utf8,
  ...closing,
  ...limits,
  ...autoFragmentation,
  ...compression,
  ...agreedCompression,
  ...endings,
  ...lengthsAndMasks,
  ...handshakes,
  ...deflateParameterRules,
  ...deflateMessages,
];
