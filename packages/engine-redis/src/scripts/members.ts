import { script } from './script.ts';

// Members. What a channel knows of them and what is kept of their node change together, so that counts are exact, and so that
// nobody is left over when a node dies.

/** `takeOut` returns the list of a member's node, its info, 1 if it was the last, 1 if it was the last of its user; or nil. */
const MEMBERS = `
local function parts(value)
  local a = string.find(value, '\\n', 1, true)
  local b = string.find(value, '\\n', a + 1, true)
  return string.sub(value, 1, a - 1), string.sub(value, a + 1, b - 1), string.sub(value, b + 1)
end
local function count(users, user, change)
  local left = redis.call('HINCRBY', users, user, change)
  if left <= 0 then redis.call('HDEL', users, user) end
  return left
end
local function heldName(client, channel) return #client .. ':' .. client .. channel end
local function takeOut(prefix, channel, client, onlyOf)
  local base = prefix .. '{' .. channel .. '}:'
  local value = redis.call('HGET', base .. 'members', client)
  if not value then return nil end
  local node, info, user = parts(value)
  if onlyOf and onlyOf ~= node then return nil end
  redis.call('HDEL', base .. 'members', client)
  redis.call('SREM', prefix .. 'held:' .. node, heldName(client, channel))
  local isLastOfUser = count(base .. 'users', user, -1) <= 0
  local isLast = redis.call('EXISTS', base .. 'members') == 0
  return {node, info, isLast and 1 or 0, isLastOfUser and 1 or 0}
end
`;

/**
 * Keys: members, users, held, lease. Arguments: prefix, channel, client, user, node, info.
 * @returns whether the node's lease stands, isFirst, isFirstOfUser: 1 or 0. Nobody is entered without a lease.
 */
export const enter = script(
  MEMBERS,
  `
if redis.call('EXISTS', KEYS[4]) == 0 then return {0, 0, 0} end
local before = redis.call('HGET', KEYS[1], ARGV[3])
local isFirst = not before and redis.call('EXISTS', KEYS[1]) == 0
redis.call('HSET', KEYS[1], ARGV[3], ARGV[5] .. '\\n' .. ARGV[6] .. '\\n' .. ARGV[4])
redis.call('SADD', KEYS[3], heldName(ARGV[3], ARGV[2]))
if before then
  local node, _, user = parts(before)
  if user ~= ARGV[4] then
    count(KEYS[2], user, -1)
    count(KEYS[2], ARGV[4], 1)
  end
  if node ~= ARGV[5] then redis.call('SREM', ARGV[1] .. 'held:' .. node, heldName(ARGV[3], ARGV[2])) end
  return {1, 0, 0}
end
local isFirstOfUser = count(KEYS[2], ARGV[4], 1) == 1
return {1, isFirst and 1 or 0, isFirstOfUser and 1 or 0}
`,
);

/** Arguments: prefix, channel, client. @returns see `takeOut` */
export const leave = script(MEMBERS, 'return takeOut(ARGV[1], ARGV[2], ARGV[3])');

/** Keys: members, users. @returns how many */
export const counts = script(`return {redis.call('HLEN', KEYS[1]), redis.call('HLEN', KEYS[2])}`);

/**
 * Takes out members of a node whose lease has run out, or which is leaving. Keys: lease, held, nodes. Arguments: prefix, node,
 * at most how many, 1 if the node is leaving.
 * @returns first 1 if there are more, then channel and what `takeOut` says, for each
 */
export const reap = script(
  MEMBERS,
  `
local isLeaving = ARGV[4] == '1'
if not isLeaving and redis.call('EXISTS', KEYS[1]) == 1 then return {0} end
local result = {1}
for _, held in ipairs(redis.call('SPOP', KEYS[2], ARGV[3])) do
  local colon = string.find(held, ':', 1, true)
  local length = tonumber(string.sub(held, 1, colon - 1))
  local channel = string.sub(held, colon + length + 1)
  local left = takeOut(ARGV[1], channel, string.sub(held, colon + 1, colon + length), ARGV[2])
  if left then result[#result + 1] = {channel, left} end
end
if redis.call('EXISTS', KEYS[2]) == 0 then
  result[1] = 0
  redis.call('SREM', KEYS[3], ARGV[2])
  redis.call('DEL', KEYS[1])
end
return result
`,
);
