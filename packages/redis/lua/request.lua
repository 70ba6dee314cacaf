-- needs: time.lua
-- The request of an exchange, the state of its authentication, and the reply and the news that the exchange makes.

local STATE_KEPT = 86400000
-- Exchanges of each process per lease.
local HEARTBEATS = 3

local request = cjson.decode(ARGV[1])
local me = request.me

local function load_state()
  local packed = redis.call('GET', KEYS[1])
  if packed then return cmsgpack.unpack(packed), false end
  return {
    epoch = request.fresh, last = 0, shift = 0, processes = {}, cooling = {}, sharing = {}, webhooks = {}, throttled = 0,
    locked = false,
  }, true
end

local state, is_new = load_state()
local now = read_clock(state, request)
-- Redis has lost its data: until every process has had an exchange again, the requests in flight of others are unknown.
if is_new and request.epoch then state.reborn = now + request.lease / HEARTBEATS end
local news = { from = me }
local reply = { now = now, epoch = state.epoch, buckets = {} }

local function add_news(kind, what)
  news[kind] = news[kind] or {}
  table.insert(news[kind], what)
end
