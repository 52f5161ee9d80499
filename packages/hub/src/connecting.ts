import { randomUUID } from 'node:crypto';
import type { Client, ConnectRequest, ConnectResult, SubscribeResult } from './client.ts';
import { ClientSession } from './client-session.ts';
import { DisconnectError, disconnectCodes } from './codes.ts';
import { answered, assertNotOver, type HubContext, refusalOf, secondsUntil } from './context.ts';
import { isUserName } from './namespace-table.ts';
import type { Orders } from './orders.ts';
import type { Outlet } from './outlet.ts';
import { traceOf } from './permissions/trace.ts';
import type { Admission } from './permissions.ts';

const NO_USER = {
  code: disconnectCodes.PERMISSION_DENIED.code,
  reason: 'permission denied: the name of a user has 255 characters at most, and no half ones',
};

/** Lets a client in. Rejects with what it is to be told; after a `DisconnectError` the outlet is closed. */
export async function connect(
  context: HubContext,
  orders: Orders,
  outlet: Outlet,
  request: ConnectRequest,
  begun: (client: Client, result: ConnectResult) => void,
): Promise<void> {
  const begin = performance.now();
  let session: ClientSession | undefined;
  try {
    const id = randomUUID();
    context.clients.assertRoom(context.limits, request.remoteAddress);
    const asked = context.permissions.connect(request, id, outlet.transport);
    const admission = await answered(asked, context.limits.hookTimeout);
    context.clients.assertRoom(context.limits, request.remoteAddress);
    assertNotOver(admission.expiresAt, false);
    if (!isUserName(admission.user ?? '')) throw new DisconnectError(NO_USER);
    session = sessionFor(context, outlet, request, id, admission);
    await enter(context, orders, session, request, admission, begun);
    context.observer.commandDone?.('connect', 0, performance.now() - begin);
  } catch (error) {
    const refusal = refusalOf(context, 'connect', error);
    const code = refusal instanceof DisconnectError ? refusal.disconnect.code : refusal.code;
    context.observer.commandDone?.('connect', code, performance.now() - begin);
    const isOver = session?.isClosed === true;
    session?.closed(disconnectCodes.CONNECTION_CLOSED);
    if (refusal instanceof DisconnectError && !isOver) outlet.close(refusal.disconnect);
    throw refusal;
  }
}

function sessionFor(
  context: HubContext,
  outlet: Outlet,
  request: ConnectRequest,
  client: string,
  { user = '', connectionInfo, meta, capabilities }: Admission,
): ClientSession {
  const trace = traceOf(request.headers);
  const visitor = { client, user, transport: outlet.transport, connectionInfo, meta, capabilities, trace };
  return new ClientSession(outlet, context, visitor, request.remoteAddress);
}

async function enter(
  context: HubContext,
  orders: Orders,
  session: ClientSession,
  request: ConnectRequest,
  admission: Admission,
  begun: (client: Client, result: ConnectResult) => void,
): Promise<void> {
  context.clients.add(session, context.limits);
  context.observer.connected?.(session.outlet.transport);
  if (session.user !== '') {
    const isListening = orders.listen(session.user);
    session.onClosed(() => orders.release(session.user));
    await isListening;
    assertOpen(session);
  }
  const subscriptions = new Map<string, SubscribeResult>();
  await Promise.all(
    [...(admission.subscriptions ?? [])].map(([channel, grant]) =>
      session.beSubscribed(channel, grant, request.positions?.get(channel), (result) => {
        subscriptions.set(channel, result);
      }),
    ),
  );
  assertOpen(session);
  const { data, expiresAt } = admission;
  const result = { client: session.id, user: session.user, data, ttl: secondsUntil(expiresAt), subscriptions };
  session.begin(expiresAt, () => begun(session, result));
}

/** @throws DisconnectError if the application, or the hub, has sent the client away meanwhile */
function assertOpen({ isClosed, closedBy }: ClientSession): void {
  if (isClosed) throw new DisconnectError(closedBy ?? 'CONNECTION_CLOSED');
}
