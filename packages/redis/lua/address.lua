-- needs: publish.lua
-- Counts the invalid requests of all processes that send from one IP address.
--
-- KEYS[1]  the state of the address (MessagePack)
-- ARGV[1]  the request (JSON): the type AddressRequest of sluice, and of the process
--            me                 its id
--            channel, sharded   where news are published, and whether to a shard
--            now                replaces Redis's time in tests
-- Result   the reply (JSON): the type AddressReply of sluice, without what this process counted itself
--
-- Parts of a period in which answers are counted together.
local SLOTS = 60
-- How long a process without an exchange counts as one that sends.
local REMEMBERED = 150000

local request = cjson.decode(ARGV[1])

local function read_time()
  if request.now then return request.now end
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end

local packed = redis.call('GET', KEYS[1])
local state = packed and cmsgpack.unpack(packed) or { banned = 0, processes = {}, last = 0, version = 0 }
-- A clock that is set back must not keep answers for longer than they count.
local now = math.max(read_time(), state.last)
state.last = now

local length = math.ceil(request.period / SLOTS)
local me = state.processes[request.me] or { slots = {} }
me.seen = now
state.processes[request.me] = me
for _, told in ipairs(request.invalid) do
  local slot = tostring(math.floor((now - told[1]) / length))
  me.slots[slot] = (me.slots[slot] or 0) + told[2]
end
if request.ban then state.banned = math.max(state.banned, now + request.ban) end

local counts, processes = {}, 0
for pid, process in pairs(state.processes) do
  for slot, count in pairs(process.slots) do
    if (slot + 1) * length + request.period <= now then process.slots[slot] = nil
    elseif pid ~= request.me then counts[slot] = (counts[slot] or 0) + count end
  end
  if process.seen + REMEMBERED > now then processes = processes + 1
  elseif not next(process.slots) then state.processes[pid] = nil end
end

local has_told = #request.invalid > 0 or request.ban ~= nil
if has_told then state.version = state.version + 1 end
local reply = { processes = processes, version = state.version }
for slot, count in pairs(counts) do
  reply.invalid = reply.invalid or {}
  -- The latest instant at which they can have arrived.
  table.insert(reply.invalid, { math.max(0, now - (slot + 1) * length), count })
end
if state.banned > now then reply.bannedFor = state.banned - now end

local kept = math.max(request.period + 2 * length, REMEMBERED, state.banned - now)
redis.call('SET', KEYS[1], cmsgpack.pack(state), 'PX', math.ceil(kept))
if has_told then
  local invalid = #request.invalid > 0 and request.invalid or nil
  local news = { from = request.me, version = state.version, invalid = invalid, bannedFor = reply.bannedFor }
  publish(request.channel, request.sharded, cjson.encode(news))
end
return cjson.encode(reply)
