-- KEYS: record, lease. ARGV: owner, ttl in ms, lowest fence, retention in ms, an owner that gave up or ''.
-- {0, '', note} where somebody else holds the lease, {1, fence, note, mark} where it is granted.
local held = redis.call('GET', KEYS[2])
local note = redis.call('HGET', KEYS[1], 'fail')
if held then
  local owner = string.match(held, '^[^:]*')
  if owner ~= ARGV[1] and owner ~= ARGV[5] then
    return {0, '', note}
  end
end
local last = tonumber(redis.call('HGET', KEYS[1], 'nf') or '0')
local fence = string.format('%.0f', math.max(last, tonumber(ARGV[3])) + 1)
redis.call('HSET', KEYS[1], 'nf', fence)
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. fence, 'PX', ARGV[2])
return {1, fence, note, redis.call('HGET', KEYS[1], 'sent')}
