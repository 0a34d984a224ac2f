-- KEYS: record, lease. ARGV: holder, ttl in ms, generation whose refresh token is about to be spent.
-- 1 where the lease is still the holder's; it has its whole ttl again then.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'sent', ARGV[3])
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
