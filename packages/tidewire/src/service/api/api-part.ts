import { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Hub } from '@tidewire/hub';
import type { Logger } from 'pino';
import type { ServiceOptions } from '../options.ts';
import type { Part } from '../site.ts';
import type { ApiOptions, ApiWatcher } from './api.ts';
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

  constructor(hub: Hub, options: ApiOptions | undefined, answered: ApiWatcher['answered'], log: Logger | undefined) {
    this.#hub = hub;
    this.#log = log;
    this.#watcher = {
      answered: (...answer) => answered?.(...answer),
      failed: (error, trace) => log?.error({ err: error, ...trace }, 'the server API failed'),
    };
    this.#use(options);
    this.live = [
      (path, request, response) => {
        if (this.#api === undefined || !isWhole(response)) return noApi(path, request, response);
        return this.#api.handle(request, response) ? 'served' : undefined;
      },
    ];
  }

  reconfigure({ api }: ServiceOptions): void {
    this.#use(api);
  }

  #use(options: ApiOptions | undefined): void {
    if (options === undefined || options.keys.length === 0) {
      this.#api = undefined;
      this.#log?.info('the server API is off, because it has no keys');
    } else if (this.#api === undefined) {
      this.#api = createServerApi(this.#hub, options, this.#watcher);
      this.#log?.info({ keys: options.keys.map(({ name }) => name) }, 'the server API is on');
    } else {
      this.#api.useKeys(options.keys);
    }
  }
}
