import type { Operations } from '../operate-messages.ts';

// How the pages ask the server API. What goes wrong is no exception: it is what the page has to show.

export type Request<Name extends keyof Operations> = Operations[Name]['request'];

export type Answer<Name extends keyof Operations> = Operations[Name]['answer'];

/** Why there is no answer. */
export interface Trouble {
  /** One of the kinds of problems of the server API, or `unreachable`. */
  readonly kind: string;
  /** In a sentence, for people. */
  readonly text: string;
}

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly trouble: Trouble };

export type Ask = <Name extends keyof Operations>(name: Name, request: Request<Name>) => Promise<Outcome<Answer<Name>>>;

/**
 * @param send a POST of JSON to the path
 * @param isOut called when who asks is not known any more
 */
export function askBy(send: (path: string, body: string) => Promise<Response>, isOut: () => void): Ask {
  return async (name, request) => {
    let response: Response;
    let body: unknown;
    try {
      response = await send(`/api/${name}`, JSON.stringify(request));
      body = await response.json();
    } catch {
      return { ok: false, trouble: { kind: 'unreachable', text: 'The service does not answer.' } };
    }
    if (response.ok) return { ok: true, value: Object(body) };
    if (response.status === 401) isOut();
    return { ok: false, trouble: troubleOf(response.status, Object(body)) };
  };
}

function troubleOf(status: number, { type, title, detail, errors }: Record<string, unknown>): Trouble {
  const kind = typeof type === 'string' ? (type.split('#')[1] ?? '') : '';
  const about = typeof title === 'string' ? title : `The service has answered with ${status}`;
  const [first] = Array.isArray(errors) ? errors : [];
  const more = typeof detail === 'string' ? detail : Object(first).detail;
  return { kind, text: typeof more === 'string' ? `${about}: ${more}` : `${about}.` };
}
