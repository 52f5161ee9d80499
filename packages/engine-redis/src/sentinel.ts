import { EngineError } from '@tidewire/hub';
import type { RedisClientOptions } from 'redis';
import { Connection, messageOf } from './connection.ts';
import type { Settings } from './options.ts';

// Where the master is. Sentinel is asked before every attempt to connect, as its guide for clients says
// (https://redis.io/docs/latest/develop/reference/sentinel-clients/); whether the answer is true is seen once connected, by
// the server's role.

/** @throws EngineError `UNAVAILABLE` if no Sentinel answers with an address */
export async function locate(settings: Settings): Promise<RedisClientOptions> {
  const { sentinel, client } = settings;
  if (sentinel === undefined) return client;
  let why = '';
  for (const { host, port } of sentinel.nodes) {
    try {
      const address = await ask(settings, sentinel.name, { ...sentinel.client, socket: { host, port } });
      return { ...client, socket: { ...client.socket, ...address } };
    } catch (error) {
      why = `${host}:${port}: ${messageOf(error)}`;
    }
  }
  throw new EngineError('UNAVAILABLE', `No Sentinel knows the master ${sentinel.name}. ${why}`);
}

async function ask({ timeout }: Settings, name: string, options: RedisClientOptions) {
  const connection = await Connection.open(options, timeout, 1, () => {});
  try {
    const address = await connection.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
    if (!Array.isArray(address)) throw new Error('It does not know it');
    return { host: String(address[0]), port: Number(address[1]) };
  } finally {
    connection.close();
  }
}
