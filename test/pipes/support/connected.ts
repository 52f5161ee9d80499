import type { Socket } from 'node:net';
import { RawPeer } from '../../../packages/server/test/support/raw-peer.ts';
import { type Carrier, type Place, POLL_INTERVAL } from '../carriers.ts';
import type { Client, ClientOptions, Reader } from './clients.ts';
import type { Network } from './relay.ts';
import { RecordingEndpoint, type RecordingOptions, type ServerEnd } from './server-end.ts';

// A connection over a carrier, from both sides.

export interface Serving {
  readonly endpoint: RecordingEndpoint['endpoint'];
  readonly network: Network;
  readonly place: Place;
  /** The next socket that opens. */
  accepted(): Promise<ServerEnd>;
}

export async function serve(carrier: Carrier, options: RecordingOptions = {}): Promise<Serving> {
  const tunnel = typeof options.tunnel === 'object' ? options.tunnel : {};
  const recording = new RecordingEndpoint({ ...options, tunnel: { pollInterval: POLL_INTERVAL, ...tunnel } });
  const place = await carrier.serve(recording);
  return { endpoint: recording.endpoint, network: place.network, place, accepted: () => recording.ends.next() };
}

type Connected<Side> = Serving & Side & { readonly server: ServerEnd };

export async function connectTo(
  carrier: Carrier,
  options?: ClientOptions,
  endpoint?: RecordingOptions,
): Promise<Connected<{ readonly client: Client }>> {
  const serving = await serve(carrier, endpoint);
  const client = await serving.place.connect(options);
  return { ...serving, client, server: await serving.accepted() };
}

/** The same with a client that reads when it is asked to. */
connectTo.reading = async (
  carrier: Carrier,
  endpoint?: RecordingOptions,
): Promise<Connected<{ readonly reader: Reader }>> => {
  const serving = await serve(carrier, endpoint);
  const reader = await serving.place.read();
  return { ...serving, reader, server: await serving.accepted() };
};

/** The same with frames by hand. */
connectTo.byHand = async (
  carrier: Carrier,
  endpoint?: RecordingOptions,
): Promise<Connected<{ readonly peer: RawPeer }>> => {
  const serving = await serve(carrier, endpoint);
  const peer = new RawPeer((await serving.place.wire()) as Socket);
  return { ...serving, peer, server: await serving.accepted() };
};
