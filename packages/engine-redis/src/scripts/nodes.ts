import { script } from './script.ts';

// The leases of nodes, by the clock of Redis.

/**
 * Keys: lease, nodes. Arguments: node, what it says of itself, milliseconds, Pub/Sub channel of the node, what to say there,
 * prefix.
 * @returns 1 if the lease stood, the history's name (see scripts/streams.ts), the nodes whose leases do not stand
 */
export const renew = script(`
local stood = redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], 'GET') and 1 or 0
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[4], ARGV[5])
local dead = {}
for _, node in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if redis.call('EXISTS', ARGV[6] .. 'lease:' .. node) == 0 then dead[#dead + 1] = node end
end
return {stood, string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)'), dead}
`);

/** Keys: nodes. Arguments: prefix. @returns name and state of each that lives, in turns */
export const list = script(`
local result = {}
for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local state = redis.call('GET', ARGV[1] .. 'lease:' .. node)
  if state then
    result[#result + 1] = node
    result[#result + 1] = state
  end
end
return result
`);

/** Keys: lease. Arguments: Pub/Sub channel of the node, message. @returns how many heard it, -1 if there is no such node */
export const tell = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
return redis.call('PUBLISH', ARGV[1], ARGV[2])
`);
