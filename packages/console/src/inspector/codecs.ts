import { chooseDecoder, decoderKinds } from '@tidewire/codecs';
import type { Codecs } from './store/decoding.ts';

/** The protocols that messages can be read by. */
export const codecs: Codecs = { kinds: decoderKinds, choose: chooseDecoder };
