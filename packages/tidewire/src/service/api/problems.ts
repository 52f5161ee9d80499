import type { ProblemDetails } from './schemas.ts';

// What can go wrong with a request, and how that is said: problem details (RFC 9457). A kind never changes its name; what is
// said in words may.

interface Kind {
  readonly status: number;
  readonly title: string;
}

export const kinds = {
  'malformed-body': { status: 400, title: 'The body is not JSON' },
  'invalid-request': { status: 400, title: 'The request is not what the schema says' },
  refused: { status: 400, title: 'The hub does not do this' },
  unauthorized: { status: 401, title: 'A key is needed' },
  forbidden: { status: 403, title: 'The key does not allow this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'unknown-channel': { status: 404, title: 'There is no such channel' },
  'method-not-allowed': { status: 405, title: 'This method is not possible here' },
  'not-available': { status: 409, title: 'The channel has no such feature' },
  'unrecoverable-position': { status: 409, title: 'The position is of another time' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'publication-too-large': { status: 413, title: 'The publication is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The server failed' },
  overloaded: { status: 503, title: 'The server has too much to do' },
  'engine-unavailable': { status: 503, title: 'The engine does not answer' },
  draining: { status: 503, title: 'The server is shutting down' },
} as const satisfies Record<string, Kind>;

export type ProblemKind = keyof typeof kinds;

export const PROBLEMS_PATH = '/api/problems';

export const PROBLEM_TYPE = 'application/problem+json';

/** A relative reference, as RFC 9457, 3.1.1, allows it: it leads to the list of all kinds. */
export function typeOf(kind: ProblemKind): string {
  return `${PROBLEMS_PATH}#${kind}`;
}

interface ProblemExtras {
  readonly detail?: string | undefined;
  readonly code?: number | undefined;
  readonly errors?: ProblemDetails['errors'] | undefined;
  /** Of the response. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Seconds after which a client is asked to come back. */
const RETRY_AFTER: Partial<Record<ProblemKind, string>> = {
  'too-many-requests': '1',
  overloaded: '1',
  'engine-unavailable': '2',
  draining: '5',
};

/** Thrown by whatever cannot go on with a request. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly details: ProblemDetails;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, { detail, code, errors, headers = {} }: ProblemExtras = {}) {
    const { status, title } = kinds[kind];
    super(detail ?? title);
    this.kind = kind;
    this.details = {
      type: typeOf(kind),
      title,
      status,
      ...(detail === undefined ? {} : { detail }),
      ...(code === undefined ? {} : { code }),
      ...(errors === undefined ? {} : { errors }),
    };
    const wait = RETRY_AFTER[kind];
    this.headers = wait === undefined ? headers : { 'Retry-After': wait, ...headers };
  }

  get status(): number {
    return kinds[this.kind].status;
  }
}

/** All kinds, as they are listed to whoever follows a `type`. */
export function listOfKinds(): readonly { readonly type: string; readonly title: string; readonly status: number }[] {
  return Object.entries(kinds).map(([kind, { title, status }]) => ({
    type: `${PROBLEMS_PATH}#${kind}`,
    title,
    status,
  }));
}
