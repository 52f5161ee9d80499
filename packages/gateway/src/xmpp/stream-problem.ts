/** The conditions of RFC 6120, 4.9.3, that a gateway itself finds. */
export type StreamCondition =
  | 'bad-format'
  | 'internal-server-error'
  | 'invalid-namespace'
  | 'not-well-formed'
  | 'policy-violation'
  | 'remote-connection-failed'
  | 'restricted-xml'
  | 'unsupported-encoding';

/** What one side has sent is no XMPP. It never leaves the translator. */
export class StreamProblem extends Error {
  override readonly name = 'StreamProblem';
  readonly condition: StreamCondition;

  constructor(condition: StreamCondition, message: string) {
    super(message);
    this.condition = condition;
  }
}
