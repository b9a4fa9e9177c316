-- Moves this server's keys of a range of slots to another server, whatever bytes their names have. Returns how many.
-- ARGV: the other server's address and port, first and last slot, password, and "true" to replace existing keys.
local host, port, first, last, password, replace = unpack(ARGV)
local moved = 0
for slot = tonumber(first), tonumber(last) do
  local keys = redis.call('cluster', 'getkeysinslot', slot, 100)
  while #keys > 0 do
    local command = { 'migrate', host, port, '', 0, 60000, 'auth', password, 'keys' }
    if replace == 'true' then
      table.insert(command, 7, 'replace')
    end
    for _, key in ipairs(keys) do
      table.insert(command, key)
    end
    redis.call(unpack(command))
    moved = moved + #keys
    keys = redis.call('cluster', 'getkeysinslot', slot, 100)
  end
end
return moved
