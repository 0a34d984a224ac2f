-- KEYS: record, lease. ARGV: holder, note or '' for none. 1 where the lease is still the holder's.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'fail')
else
  redis.call('HSET', KEYS[1], 'fail', ARGV[2])
end
return 1
