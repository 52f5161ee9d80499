import type { TokenAlgorithm } from '@tidewire/hub';
import { z } from 'zod';
import { keyOperations } from '../../service/api/operation-names.ts';
import { choice, count, file, flag, list, notes, secret, section, text, time, url } from '../kinds.ts';

// Who is let in, and who is asked.

const algorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const satisfies readonly TokenAlgorithm[];

const oneOrMany = (what: string) =>
  z
    .union([text(what).transform((one) => [one]), list(text(what))], { error: `must be ${what}, or a list of them` })
    .meta(notes({ kind: 'text, or a list' }));

export const tokens = section({
  secrets: list(secret())
    .prefault([])
    .describe('For HS256, HS384 and HS512: each 32 bytes at least. A token is good if one of them has signed it.'),
  secretFiles: list(file()).prefault([]).describe('The same, each in a file.'),
  publicKeyFiles: list(file())
    .prefault([])
    .describe('Public keys and certificates, in PEM: RSA of 2048 bits at least, P-256, P-384, P-521, Ed25519.'),
  jwks: section({
    url: url('https', 'http')
      .describe('Where the set is.')
      .meta(notes({ example: 'https://login.example.com/.well-known/jwks.json' })),
    cooldown: time({ from: 0 })
      .prefault('5s')
      .describe('After it was fetched, an unknown key does not have it fetched again for so long.'),
    maxAge: time().prefault('10m').describe('It is fetched anew after so long.'),
    timeout: time().prefault('5s').describe('For the answer.'),
  })
    .optional()
    .describe('A set of public keys that are found by the kid of a token.'),
  jwksFile: file().optional().describe('The set in a file, in place of one that is fetched.'),
  algorithms: list(choice(algorithms))
    .optional()
    .describe('Left out: all those that the keys are for.')
    .meta(notes({ example: ['RS256'] })),
  audience: oneOrMany('an audience')
    .optional()
    .describe('One of these must be in aud. Left out: it is not looked at.')
    .meta(notes({ example: 'tidewire' })),
  issuer: oneOrMany('an issuer')
    .optional()
    .describe('One of these must be iss. Left out: it is not looked at.')
    .meta(notes({ example: 'https://login.example.com' })),
  clockTolerance: time({ from: 0 }).prefault('5s').describe('By which the clock of who makes tokens may be off.'),
})
  .optional()
  .describe('JSON Web Tokens, by which clients say who they are and what they may. Left out: there are none.')
  .meta(notes({ reload: true }));

export const anonymous = flag()
  .optional()
  .describe(
    'Whether who has no token may come in, as nobody in particular. Left out: if there are neither tokens nor a webhook for connect.',
  )
  .meta(notes({ reload: true, example: true }));

const key = section({
  name: text()
    .describe('As the log calls it.')
    .meta(notes({ example: 'backend' })),
  key: secret()
    .optional()
    .describe('What requests bring: 16 characters or more.')
    .meta(notes({ example: 'change-me-change-me' })),
  keyFile: file().optional().describe('The same, in a file.'),
  operations: list(choice(keyOperations))
    .optional()
    .describe('What it may be used for. Left out: everything.')
    .meta(notes({ example: ['publish', 'broadcast'] })),
  namespaces: list(z.string({ error: 'must be text' }))
    .optional()
    .describe(
      'Those of the channels that it may be used for; then it is of no use for users and nodes. Left out: everything.',
    )
    .meta(notes({ example: ['chat'] })),
  rate: count()
    .optional()
    .describe('Requests in a second, on average. Left out: no limit.')
    .meta(notes({ example: 100 })),
});

export const api = section({
  keys: list(key).prefault([]).describe('Who may use it. Without a key the API is off.'),
})
  .prefault({})
  .describe('The HTTP API, for the servers of the application.')
  .meta(notes({ reload: true }));
