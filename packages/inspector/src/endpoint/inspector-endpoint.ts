import { type Socket, type UpgradeRequest, WebSocketEndpoint } from '@tidewire/server';
import type { Inspector } from '../inspector.ts';
import { type InspectorMessage, maskConnection, maskMessage } from '../recording/index.ts';
import { type Masking, PageNews } from './news.ts';
import { Orders } from './orders.ts';
import { Page } from './page.ts';
import { readOrder } from './read-order.ts';

// Where pages connect that show an inspector: what `control.ts` says, over WebSockets.

export interface InspectorEndpointOptions {
  readonly inspector: Inspector;
  /** What is inspected, for people. */
  readonly target: string;
  /** Where clients connect in place of the target; left out where they need not. */
  readonly listens?: string | undefined;
  /** Whether secrets are masked in what is shown and exported. */
  readonly masks: boolean;
  /** Who may look on, and change: others get 401. Asked again now and then while somebody looks on. */
  authorize(request: UpgradeRequest): boolean;
  /** Of the program that writes exported files. */
  readonly version: string;
}

interface PageData {
  readonly request: UpgradeRequest;
  page?: Page;
}

const MiB = 1024 * 1024;

/** Pages at a time. */
const MAX_PAGES = 64;

/** How often those who look on are asked whether they still may, in milliseconds. */
const RECHECK_INTERVAL = 30_000;

/** RFC 6455, 7.4.1: a policy is violated. */
const POLICY_VIOLATION = 1008;

const maskAll: Masking = { isOn: true, connection: maskConnection, message: maskMessage };
const maskNothing: Masking = { isOn: false, connection: (record) => record, message: (record) => record };

/** Makes an endpoint, to be attached to the server that the pages come from. */
export function createInspectorEndpoint(options: InspectorEndpointOptions): WebSocketEndpoint<PageData> {
  const { inspector, masks } = options;
  const { recorder, rules } = inspector;
  const masking = masks ? maskAll : maskNothing;
  const pages = new Set<Page>();
  const state = (): InspectorMessage => ({ type: 'state', isRecording: recorder.isRecording, rules: rules.all });
  const orders = new Orders({
    inspector,
    masking,
    version: options.version,
    stateChanged: () => {
      for (const page of pages) page.say(state());
    },
    cleared: () => {
      const connections = Array.from(recorder.connections, ({ id }) => id);
      for (const page of pages) page.cleared({ type: 'cleared', through: recorder.nextSeq - 1, connections });
    },
  });
  recorder.listen((batch) => {
    for (const page of pages) page.note(batch);
  });
  const recheck = setInterval(() => {
    for (const socket of endpoint.sockets) checkAgain(socket);
  }, RECHECK_INTERVAL).unref();

  function checkAgain(socket: Socket<PageData>): boolean {
    if (options.authorize(socket.data.request)) return true;
    socket.close(POLICY_VIOLATION, 'The session has ended');
    return false;
  }

  const endpoint = new WebSocketEndpoint<PageData>({
    tunnel: false,
    maxConnections: MAX_PAGES,
    // A file that is taken in, and one that is given out, are one message.
    limits: { maxMessageSize: 256 * MiB, maxBufferedAmount: 512 * MiB },
    upgrade: (request) => (options.authorize(request) ? { data: { request } } : request.reject(401)),
    open: (socket) => {
      const page = new Page(socket, new PageNews(recorder, masking));
      socket.data.page = page;
      pages.add(page);
      const { target, listens } = options;
      const { keeps } = recorder;
      page.say({ type: 'hello', target, ...(listens === undefined ? {} : { listens }), keeps, masks });
      page.say(state());
    },
    message: (socket, message) => {
      const { page } = socket.data;
      if (page === undefined || !checkAgain(socket)) return;
      const { number, order } = readOrder(typeof message === 'string' ? message : '');
      page.say(orders.obey(page, number, order));
    },
    close: (socket) => {
      const { page } = socket.data;
      if (page === undefined) return;
      page.gone();
      pages.delete(page);
      if (endpoint.isDraining && pages.size === 0) clearInterval(recheck);
    },
  });
  return endpoint;
}
