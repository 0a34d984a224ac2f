-- KEYS: record. ARGV: expected generation, the operation that made it or '', next generation, operation, fence or
-- 0, value or '' to clear, end of the token in ms, retention in ms, channel.
-- {1, generation} made, {2, generation} made before, {0 or -1, generation, operation, value} another generation is
-- there, or a higher fence.
local found = redis.call('HMGET', KEYS[1], 'g', 'ops', 'v', 'f')
local generation, operations, value = found[1] or '0', found[2] or '', found[3]
local made = string.match(operations, ARGV[4] .. ':(%d+)')
if made then
  return {2, made}
end
local newest = string.match(operations, '^%x*')
if generation ~= ARGV[1] or (ARGV[2] ~= '' and newest ~= ARGV[2]) then
  return {0, generation, newest, value}
end
local fence = tonumber(ARGV[5])
local highest = tonumber(found[4] or '0')
if fence > 0 and fence < highest then
  return {-1, generation, newest, value}
end
operations = ARGV[4] .. ':' .. ARGV[3] .. ',' .. operations
local kept = 0
for ends in string.gmatch(operations, '(),') do
  kept = kept + 1
  if kept == 16 then
    operations = string.sub(operations, 1, ends)
    break
  end
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000
redis.call('HSET', KEYS[1], 'g', ARGV[3], 'ops', operations, 'f', string.format('%.0f', math.max(fence, highest)))
if ARGV[6] == '' then
  redis.call('HDEL', KEYS[1], 'v', 'exp')
else
  redis.call('HSET', KEYS[1], 'v', ARGV[6], 'exp', ARGV[7])
end
local until_ms = math.max(now, tonumber(ARGV[7])) + tonumber(ARGV[8])
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', until_ms))
redis.call('PUBLISH', ARGV[9], ARGV[3])
return {1, ARGV[3]}
