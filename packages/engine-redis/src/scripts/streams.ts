import { script } from './script.ts';

// Streams. Offsets count publications, without holes.
//
// An epoch is good on one history of one server only. Redis names the history of its data: the replication id is a new one
// whenever a server starts, and whenever a replica is made master, which is when writes that were acknowledged may be missing.
// So an epoch is kept with the id under which it was made, and whoever touches a stream under another id begins another epoch.
// The publications stay, and offsets go on: what is over is the promise that nothing is missing between them.

/** `epochOf` returns epoch and last offset, and the time at which publications and lifetimes are to be looked after. */
const EPOCHS = `
local function number(text) return string.format('%.0f', text) end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function epochOf(stream, publications, candidate, lifetime)
  local server = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  local known = redis.call('HMGET', stream, 'epoch', 'server', 'offset', 'trimAt')
  if known[1] and known[2] == server then return known[1], tonumber(known[3]), tonumber(known[4]) end
  if not known[1] then
    -- A script that has written may go on without memory: what needs some comes first, so that it is refused as a whole.
    redis.call('HSET', stream, 'offset', 0, 'trimAt', 0)
    redis.call('DEL', publications)
    redis.call('PEXPIRE', stream, lifetime)
    known[3], known[4] = 0, 0
  end
  redis.call('HSET', stream, 'epoch', candidate, 'server', server)
  return candidate, tonumber(known[3]), tonumber(known[4])
end
-- Takes out what is as old as ttl. Returns the offset of the first that stays.
local function trim(publications, ttl)
  local count = 1
  while true do
    local oldest = redis.call('XRANGE', publications, '-', '+', 'COUNT', count)
    local last
    for _, entry in ipairs(oldest) do
      local offset, time = string.match(entry[1], '(%d+)-(%d+)')
      if now - time < ttl then
        if last then redis.call('XTRIM', publications, 'MINID', '=', offset) end
        return tonumber(offset)
      end
      last = offset
    end
    if not last then return nil end
    redis.call('XTRIM', publications, 'MINID', '=', number(last + 1))
    count = 64
  end
end
`;

/**
 * Keys: stream, publications, and that of the idempotency key or none. Arguments: Pub/Sub channel, text, candidate for an epoch,
 * size, ttl, positionTtl, and how long the idempotency key is known.
 * @returns epoch, offset, and 1 if it was there before
 */
export const publish = script(
  EPOCHS,
  `
if KEYS[3] then
  local known = redis.call('GET', KEYS[3])
  if known then
    local epoch, offset = string.match(known, '^(%S+) (%d+)$')
    return {epoch or '', offset or '', 1}
  end
end
local epoch, previous, trimAt = epochOf(KEYS[1], KEYS[2], ARGV[3], ARGV[6])
local offset = number(previous + 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[4], offset .. '-' .. number(now), 'p', ARGV[2])
if now >= trimAt then
  -- Once in an eighth of ttl, for all publications of that time. What is too old till then is taken out by who reads.
  local ttl = tonumber(ARGV[5])
  trim(KEYS[2], ttl)
  redis.call('HSET', KEYS[1], 'offset', offset, 'trimAt', number(now + math.floor(ttl / 8)))
  redis.call('PEXPIRE', KEYS[1], number(ARGV[6] + math.ceil(ttl / 8)))
  redis.call('PEXPIRE', KEYS[2], number(ttl + math.ceil(ttl / 8)))
else
  redis.call('HSET', KEYS[1], 'offset', offset)
end
if KEYS[3] then redis.call('SET', KEYS[3], epoch .. ' ' .. offset, 'PX', ARGV[7]) end
redis.call('PUBLISH', ARGV[1], 's' .. offset .. ' ' .. number(previous) .. ' ' .. epoch .. '\\n' .. ARGV[2])
return {epoch, offset, 0}
`,
);

/**
 * A publication without a stream, with an idempotency key. Keys: that of the key. Arguments: Pub/Sub channel, text, how long
 * the key is known.
 * @returns 1 if it was there before
 */
export const publishOnce = script(`
if not redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[3]) then return 1 end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 0
`);

/**
 * Keys: stream, publications. Arguments: candidate for an epoch, ttl, how long an epoch without publications is kept, epoch
 * and offset since which is asked (or empty strings), at most how many (or -1), 1 if reversed.
 * @returns epoch, last offset, the last offset that is not kept, entries of the stream
 */
export const history = script(
  EPOCHS,
  `
local epoch, top = epochOf(KEYS[1], KEYS[2], ARGV[1], ARGV[3])
if top == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
local first = trim(KEYS[2], tonumber(ARGV[2]))
local floor = first and first - 1 or top
local entries = {}
if ARGV[6] ~= '0' and first then
  local since = ARGV[4] == epoch and tonumber(ARGV[5]) or nil
  local command = {'XRANGE', KEYS[2], since and number(since + 1) or '-', '+'}
  if ARGV[7] == '1' then
    if since == 0 then return {epoch, number(top), number(floor), entries} end
    command = {'XREVRANGE', KEYS[2], since and number(since - 1) or '+', '-'}
  end
  if ARGV[6] ~= '-1' then
    command[5] = 'COUNT'
    command[6] = ARGV[6]
  end
  entries = redis.call(unpack(command))
end
return {epoch, number(top), number(floor), entries}
`,
);

/** Keys: stream, publications. What is published next gets the lifetimes again that were taken out with the key. */
export const removeHistory = script(`
redis.call('DEL', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'trimAt', 0) end
return 0
`);
