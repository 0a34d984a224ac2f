-- KEYS: record, lease. ARGV: holder, '1' to keep the mark of a sent request. 1 where it was the holder's.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
if ARGV[2] ~= '1' then
  redis.call('HDEL', KEYS[1], 'sent')
end
return redis.call('DEL', KEYS[2])
