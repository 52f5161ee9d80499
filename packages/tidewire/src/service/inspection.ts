import { createRequire } from 'node:module';
import { createInspectorEndpoint, Inspector, tapStream } from '@tidewire/inspector';
import type { HeaderPairs } from '@tidewire/inspector/recording';
import type { Tap, TapOpening } from '@tidewire/server';
import type { Grant } from './api/keys.ts';
import type { Request } from './http.ts';
import type { InspectorSettings } from './options.ts';
import { type Part, place } from './site.ts';

// The inspector as a part of a service: it sees the service's own connections, and there is a WebSocket for its page. That is none of
// those that it sees.

const { version }: { readonly version: string } = createRequire(import.meta.url)('../../package.json');

const SOCKET = '/console/inspector/socket';

export class Inspection {
  readonly #inspector: Inspector;
  readonly #masks: boolean;

  /** @throws RangeError naming the option that makes no sense */
  constructor({ record = true, masks = true, ...keeps }: InspectorSettings) {
    this.#inspector = new Inspector(keeps);
    this.#inspector.recorder.isRecording = record;
    this.#masks = masks;
  }

  /** For the endpoints that are seen. */
  readonly tap: Tap = (stream, opening) => {
    if (!this.#inspector.recorder.isRecording) return stream;
    const { url, status, headers, head } = opening;
    const response = { status, headers };
    return tapStream(this.#inspector, stream, { ...requestOf(opening), url, source: pathOf(url), response }, head);
  };

  /** @param grantOf what who has logged in may do */
  part(grantOf: (request: Request) => Grant | undefined): Part {
    const endpoint = createInspectorEndpoint({
      inspector: this.#inspector,
      target: 'the WebSockets of this service',
      masks: this.#masks,
      version,
      authorize: ({ incoming }) => mayInspect(grantOf(incoming)),
    });
    return { places: [place('inspector', SOCKET, endpoint, false)] };
  }
}

/** A key for some channels only is none for what goes over connections. */
function mayInspect(grant: Grant | undefined): boolean {
  try {
    grant?.check('inspect', undefined);
    return grant !== undefined;
  } catch {
    return false;
  }
}

function requestOf({ incoming }: TapOpening) {
  const { method = '', httpVersion, rawHeaders, socket } = incoming;
  const headers: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  const from = socket.remoteAddress;
  const request = { method, httpVersion: `HTTP/${httpVersion}`, headers: headers satisfies HeaderPairs };
  return from === undefined ? { request } : { request, from };
}

function pathOf(url: string): string {
  return /^wss?:\/\/[^/?]*([^?]*)/.exec(url)?.[1] ?? '';
}
