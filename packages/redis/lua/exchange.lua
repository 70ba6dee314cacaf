-- needs: request.lua, slots.lua, processes.lua, store.lua, learning.lua, granting.lua, publish.lua
-- One exchange of a process with the shared store: the process reports what it has in flight and what it has learned, and
-- asks for permits. All decisions about the limits of one authentication are made here, one exchange after another.
--
-- KEYS[1]  the state of the authentication: processes, global limit, holds, locks (MessagePack)
-- KEYS[2]  bucket hash by route identity (a hash; '' for a route without limits)
-- KEYS[3…] buckets (MessagePack), in the order in which the request refers to them
-- ARGV[1]  the request (JSON): the type StoreRequest of sluice, and of the process
--            me, seq       its id, and the number of the exchange
--            lease         how long the store counts on it after this exchange, in ms
--            fresh         the epoch to begin if nothing is known here
--            previous, elapsed  the time of its last reply, and how many ms ago it sent that request
--            keep          how long a bucket is kept after it last mattered, in ms
--            channel, sharded   where news are published, and whether to a shard
--            now           replaces Redis's time in tests
-- Result   the reply (JSON): the type StoreReply of sluice

-- The time of the exchange before this one.
local previously_seen = 0

local function enter()
  local process = state.processes[me]
  if process then previously_seen = process[SEEN] end
  if process and process[SEQ] >= request.seq then return false end
  reap_processes(state, now)
  drop_cooled(state, now)
  reply.joined = request.joins or not is_alive(state, me, now) or nil
  process = state.processes[me] or new_process()
  process[LEASE_ENDS], process[SEEN], process[SEQ] = now + request.lease, now, request.seq
  state.processes[me] = process
  return true
end

-- Processes that wait under the name that the bucket had before its hash was known join its line.
local function adopt_former(b, entry)
  local packed = entry.formerly and redis.call('GET', KEYS[entry.formerly])
  if not packed then return end
  local has_any = adopt_line(b, me, unpack_bucket(packed), now)
  if has_any and is_held_by_others(b) then add_news('wanted', entry.name) end
end

local function serve(entry)
  local answer = {}
  local b, existed = load_bucket(entry)
  b.unlimited = entry.isUnlimited
  local held = entry.held
  b.holders[me] = held ~= 0 and held or nil
  reap_holders(b, state, now)
  clear_line(b.line, state, request.lease, now)
  if b.waiting then clear_line(b.waiting, state, request.lease, now) end
  local was_waiting = is_waiting(b)
  adopt_former(b, entry)
  b.elsewhere = count_elsewhere(entry, b)
  local answered = learn_reports(b, entry)
  if entry.apart and b.limit > 0 then answer.isInformed = true end
  local wake = {}
  local granted = 0
  if resolve(entry, answer) then
    for _, waiting in ipairs(b.line) do wake[waiting[PID]] = 0 end
    b.line = {}
  else
    if entry.reports then call_waiting(b, me, now, wake) end
    granted = ask(b, entry, answer, wake, answered, was_waiting)
  end
  local known = b.subs and #b.subs or 0
  if known > 0 and (answer.subWait or entry.subVersion ~= known or entry.subLimits) then
    answer.subLimits = tell_sub_limits(b, now)
  end
  answer.lacksSubLimits = known < entry.subVersion or nil
  wake[me] = nil
  if next(wake) then
    news.wake = news.wake or {}
    news.wake[entry.name] = wake
  end
  save_bucket(entry, b, existed)
  return answer, entry.isExempt and 0 or granted
end

-- Whether a process has missed that the routes of a hash count apart, or together.
local function is_mistaken(entry)
  if not entry.hash then return false end
  local sharing = state.sharing[entry.hash]
  return (sharing ~= nil and sharing[1] == true) ~= (entry.apart == true)
end

local function serve_buckets()
  local granted = 0
  for index, entry in ipairs(request.buckets or {}) do
    if is_mistaken(entry) then
      reply.sharing = reply.sharing or {}
      local known = state.sharing[entry.hash] or { false, 0 }
      table.insert(reply.sharing, { entry.hash, known[1], known[2] })
      entry.want = nil
    end
    local answer, count = serve(entry)
    reply.buckets[index] = answer
    granted = granted + count
  end
  return granted
end

local function serve_global(granted)
  local global = request.global
  if not global then return end
  local process = state.processes[me]
  -- Slots that the process does not know of were granted in a reply that was lost: they are free a second after it.
  local lost, free_at = process[OWNED] - global.held - #(global.returned or {}), previously_seen + GLOBAL_PERIOD
  if free_at > now then cool(state, free_at, lost) end
  process[OWNED], process[IN_FLIGHT] = global.held, global.inFlight
  for _, free_in in ipairs(global.returned or {}) do
    if free_in > 0 then cool(state, now + free_in, 1) end
  end
  table.sort(state.cooling)
  local slots = grant_slots(state, me, global.limit, math.max(0, global.line + granted - global.spare), now)
  if #slots > 0 then reply.slots = slots end
  reply.hasUnmetDemand = process[WANTED] > 0 or nil
  reply.share = balance_slots(state, me, global.limit, news, now)
end

-- Whether the news hold more than their sender.
local function has_news()
  local first = next(news)
  return next(news, first) ~= nil
end

if not enter() then return cjson.encode({ isStale = true }) end
learn_routes()
learn_sharing()
learn_holds()
reply.processes = count_processes(state)
serve_global(serve_buckets())
if state.throttled > now then reply.throttle = state.throttled - now end
if reply.joined then
  reply.lock = state.locked or nil
  if next(state.webhooks) then
    reply.webhooks = {}
    for majors, ends in pairs(state.webhooks) do table.insert(reply.webhooks, { majors, ends - now }) end
  end
end
if request.leaves then
  state.processes[me][LEASE_ENDS] = now
end
redis.call('SET', KEYS[1], cmsgpack.pack(state), 'PX', STATE_KEPT)
if has_news() then publish(request.channel, request.sharded, cjson.encode(news)) end
return cjson.encode(reply)
