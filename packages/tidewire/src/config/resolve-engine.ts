import type { EngineSettings } from '../service/engines.ts';
import type { ConfigFiles } from './files.ts';
import type { Config } from './schema.ts';

/** What the engine that is chosen is told; the sections of the others are not looked at. */
export function engineSettings(
  { type, memory, disk, nats, redis }: Config['engine'],
  files: ConfigFiles,
): EngineSettings {
  const path = ['engine', type];
  switch (type) {
    case 'memory':
      return { type, maxHistory: memory.maxHistory };
    case 'disk':
      return { type, directory: files.pathOf([...path, 'directory'], disk.directory) };
    case 'nats': {
      const password = files.secret(path, 'password', nats);
      const token = files.secret(path, 'token', nats);
      const credentials = files.read([...path, 'credentialsFile'], nats.credentialsFile);
      const ca = files.read([...path, 'ca'], nats.ca);
      if ((nats.user === undefined) !== (password === undefined)) {
        files.complain([...path, nats.user === undefined ? 'password' : 'user'], 'user and password belong together');
      }
      const ways = [nats.user, token, credentials].filter((way) => way !== undefined);
      if (ways.length > 1) files.complain(path, 'must have one of user, token and credentialsFile, not several');
      const { servers, prefix, replicas, storage, user, timeout, lease } = nats;
      return { type, servers, prefix, replicas, storage, user, password, token, credentials, ca, timeout, lease };
    }
    case 'redis': {
      const password = files.secret(path, 'password', redis);
      const ca = files.read([...path, 'ca'], redis.ca);
      const { url, user, sentinel, prefix, timeout, lease, maxSize } = redis;
      if (redis.ca !== undefined && !url.startsWith('rediss:'))
        files.complain([...path, 'ca'], 'is for TLS: the url has to begin with rediss://');
      return { type, url, user, password, ca, sentinel, prefix, timeout, lease, maxSize };
    }
  }
}
