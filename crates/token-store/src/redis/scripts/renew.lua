-- KEYS: lease. ARGV: holder, ttl in ms. 1 where the lease is still the holder's.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
