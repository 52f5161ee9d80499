import { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Hub } from '@tidewire/hub';
import type { Logger } from 'pino';
import type { Live, Request } from '../http.ts';
import type { ServiceOptions } from '../options.ts';
import type { Part } from '../site.ts';
import type { ApiOptions, ApiWatcher } from './api.ts';
import type { Grant, Keyring } from './keys.ts';
import { type AnyResponse, createServerApi, noApi, type ServerApi } from './server-api.ts';

/** Whether it is more of a response than most of the service needs. */
function isWhole(response: object): response is AnyResponse {
  return response instanceof ServerResponse || response instanceof Http2ServerResponse;
}

/**
 * The server API as a part of a service: it is there while it has keys, which may come and go.
 * @throws RangeError naming the option, or the key, that makes no sense
 */
export class ApiPart implements Part {
  readonly live: Part['live'];
  readonly #hub: Hub;
  readonly #watcher: ApiWatcher;
  readonly #log: Logger | undefined;
  #api: ServerApi | undefined;
  #isSaid = false;

  readonly #visitorOf: ((request: Request) => Grant | undefined) | undefined;

  /** @param visitorOf who has logged in, and needs no key */
  constructor(
    hub: Hub,
    { api: options, log }: Pick<ServiceOptions, 'api' | 'log'>,
    answered: ApiWatcher['answered'],
    visitorOf?: (request: Request) => Grant | undefined,
  ) {
    this.#hub = hub;
    this.#log = log;
    this.#visitorOf = visitorOf;
    this.#watcher = {
      answered: (...answer) => answered?.(...answer),
      failed: (error, trace) => log?.error({ err: error, ...trace }, 'the server API failed'),
    };
    this.#use(options);
    this.live = [
      (path, request, response) => {
        if (this.#api === undefined || !isWhole(response)) return this.#refuse(path, request, response);
        return this.#api.handle(request, response) ? 'served' : undefined;
      },
    ];
  }

  /** Its keys as they are now; `undefined` while there is none. */
  get keyring(): Keyring | undefined {
    return this.#api?.keyring;
  }

  #refuse(...[path, request, response]: Parameters<Live>): ReturnType<Live> {
    const answer = noApi(path, request, response);
    if (answer !== undefined && !this.#isSaid) {
      this.#isSaid = true;
      this.#log?.warn({ path }, 'somebody has asked for the server API, which is off, because it has no keys');
    }
    return answer;
  }

  reconfigure({ api }: ServiceOptions): void {
    this.#use(api);
  }

  #use(options: ApiOptions | undefined): void {
    if (options === undefined || options.keys.length === 0) this.#api = undefined;
    else if (this.#api === undefined) this.#api = createServerApi(this.#hub, options, this.#watcher, this.#visitorOf);
    else this.#api.useKeys(options.keys);
  }
}
