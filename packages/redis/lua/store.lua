-- needs: request.lua, processes.lua, window.lua
-- Loads and saves the bucket of an entry of the request, and what stands under other names of it.

local function load_bucket(entry)
  local packed = redis.call('GET', KEYS[entry.key])
  if packed then return unpack_bucket(packed), true end
  local parent = entry.parent and redis.call('GET', KEYS[entry.parent])
  if not parent then
    local fresh = new_bucket()
    fresh.cautious = state.reborn or 0
    return fresh, false
  end
  -- The bucket that its routes shared before they turned out to count apart.
  local b = unpack_bucket(parent)
  b.holders, b.line, b.waiting = {}, {}, nil
  return b, false
end

-- The number of other processes that find out about the bucket under the name that it had before its hash was known.
local function count_elsewhere(entry, b)
  local packed = entry.origin and b.limit == 0 and redis.call('GET', KEYS[entry.origin])
  if not packed then return nil end
  local count = 0
  for pid in pairs(unpack_bucket(packed).holders) do
    if pid ~= me and is_alive(state, pid, now) then count = count + 1 end
  end
  return count
end

local function save_bucket(entry, b, existed)
  local matters = b.limit > 0 or b.held > now or b.subs or next(b.holders) or next(b.line)
  if not matters then
    if existed then redis.call('DEL', KEYS[entry.key]) end
    return
  end
  local ends = math.max(idle_at(b), b.held, b.cautious, now)
  for _, limit in ipairs(b.subs or {}) do ends = math.max(ends, limit.ends) end
  redis.call('SET', KEYS[entry.key], pack_bucket(b), 'PX', math.ceil(ends - now + math.max(request.keep, request.lease)))
end

-- The name of a bucket is what follows 'bucket:' in its key, where KEYS[1] has 'state'.
local function bucket_name(key) return key:sub(#KEYS[1] + 3) end
