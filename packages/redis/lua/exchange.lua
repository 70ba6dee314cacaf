-- One exchange of a process with the shared store: it tells what it has in flight and what it has learned, and asks for
-- permits. All decisions about the limits of one authentication are made here, one exchange after another.
--
-- KEYS[1]  the state of the authentication: processes, global limit, holds, locks (MessagePack)
-- KEYS[2]  bucket hash by route identity (a hash; '' for a route without limits)
-- KEYS[3…] buckets (MessagePack), in the order in which the request refers to them
-- ARGV[1]  the request (JSON): the type StoreRequest of sluice, and of the process
--            me, seq       its id, and the number of the exchange
--            lease         for how long it is reckoned with unless it is heard of again, in ms
--            fresh         the epoch to begin if nothing is known here
--            previous, elapsed  the time of its last reply, and how many ms ago that was asked for
--            keep          how long a bucket is kept after it last mattered, in ms
--            channel, sharded   where news are published, and whether to a shard
--            now           in place of Redis' time (tests)
-- Result   the reply (JSON): the type StoreReply of sluice
--
-- Files: time.lua, bucket.lua, window.lua, slots.lua, processes.lua, line.lua, sub-limits.lua, turns.lua and publish.lua
-- stand above this one when it is loaded.

local STATE_KEPT = 86400000
-- How often in a lease each process is heard of.
local HEARTBEATS = 3
-- Permits to spare for each that was asked for, or used since the last exchange about the bucket; and at most.
local SPARE = 16
local MOST_SPARE = 256

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
-- Redis has forgotten what it knew: until every process has been heard of again, what others hold is not known.
if is_new and request.epoch then state.reborn = now + request.lease / HEARTBEATS end
local news = { from = me }
local reply = { now = now, epoch = state.epoch, buckets = {} }

local function add_news(kind, what)
  news[kind] = news[kind] or {}
  table.insert(news[kind], what)
end

local function enter()
  local process = state.processes[me]
  if process and process.q >= request.seq then return false end
  bury_processes(state, now)
  forget_cooled(state, now)
  reply.joined = request.joins or not is_alive(state, me, now) or nil
  process = state.processes[me] or new_slots()
  process.u, process.s, process.q = now + request.lease, now, request.seq
  state.processes[me] = process
  return true
end

local function learn_routes()
  for _, pair in ipairs(request.routes or {}) do
    local before = redis.call('HGET', KEYS[2], pair[1])
    if before ~= pair[2] then
      redis.call('HSET', KEYS[2], pair[1], pair[2])
      redis.call('PEXPIRE', KEYS[2], STATE_KEPT * 7)
      if before then add_news('routes', pair) end
    end
  end
end

-- Evidence is weighed by the processes; whoever told last has seen what was told before.
local function learn_sharing()
  for _, told in ipairs(request.sharing or {}) do
    state.sharing[told[1]] = { told[2], told[3] }
    add_news('sharing', told)
  end
end

local function learn_holds()
  if request.throttle then
    state.throttled = math.max(state.throttled, now + request.throttle)
    news.throttle = request.throttle
  end
  if request.lock ~= nil then
    state.locked = request.lock
    news.lock = request.lock
  end
  for _, told in ipairs(request.webhooks or {}) do
    state.webhooks[told[1]] = told[2] > 0 and now + told[2] or nil
    news.webhooks = request.webhooks
  end
  for majors, ends in pairs(state.webhooks) do
    if ends <= now then state.webhooks[majors] = nil end
  end
end

local function load_bucket(entry)
  local packed = redis.call('GET', KEYS[entry.key])
  if packed then return unpack_bucket(packed), true end
  local parent = entry.parent and redis.call('GET', KEYS[entry.parent])
  if not parent then
    local fresh = new_bucket()
    fresh.cautious = state.reborn or 0
    return fresh, false
  end
  -- What its routes used together before they turned out to count apart.
  local b = unpack_bucket(parent)
  b.holders, b.line, b.waiting = {}, {}, nil
  return b, false
end

-- Requests of other processes that find out about a bucket under the name that it had before its hash was known.
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

-- Learns from what ended, each told with how long ago that was; returns how many answers were told.
local function learn_reports(b, entry)
  local reports, answered = entry.reports or {}, 0
  for _, report in ipairs(reports) do
    if report.limit then answered = answered + (report.count or 1) end
  end
  local under_way = answered > 0 and in_flight_of(b)
  local untold = answered
  for _, report in ipairs(reports) do
    report.received = now - report.age
    -- What is told below was in flight until then.
    if report.limit then
      untold = untold - (report.count or 1)
      learn(b, report, under_way + untold)
    end
    if report.lost then lose(b, report.lost, report.received) end
    if report.mask then count_in_sub_limits(b, report.mask, report.received) end
    if report.hold then
      hold(b, report.received + report.hold)
      add_news('held', entry.name)
    end
  end
  for _, told in ipairs(entry.subLimits or {}) do learn_sub_limit(b, told, now) end
  return answered
end

-- Whether an answer has told meanwhile which bucket this is.
local function resolve(entry, answer)
  if not entry.routes then return false end
  for index, hash in ipairs(redis.call('HMGET', KEYS[2], unpack(entry.routes))) do
    -- That a route has no limits says nothing of its partner.
    if hash and (hash ~= '' or index == 1) then
      answer.hash, answer.route = hash, entry.routes[index]
      return true
    end
  end
  return false
end

local function wants_of(entry)
  local total = 0
  for _, pair in ipairs(entry.want or {}) do total = total + pair[2] end
  return total
end

-- Grants as much of what is asked for as the bucket and its sub-limits have left; returns how much, what sub-limits held
-- up of it, and what is left.
local function grant(b, entry, answer, wake)
  local left = most_for(b, me, now)
  local granted, kept_back, masks, masked, longest = 0, 0, 0, 0, 0
  for _, pair in ipairs(entry.want or {}) do
    local mask, want = pair[1], pair[2]
    local admitted, wait = NEVER, 0
    if mask ~= 0 then admitted, wait = sub_limits_admit_in_turn(b, me, mask, now, wake) end
    local count = math.max(0, math.min(want, left - granted, admitted))
    if count > 0 then
      answer.granted = answer.granted or {}
      table.insert(answer.granted, { mask, count })
      b.holders[me] = with_held(b.holders[me] or 0, mask, count)
      granted = granted + count
      if mask ~= 0 then masked = masked + count end
    end
    if admitted < want then
      kept_back = kept_back + want - admitted
      -- What the window holds asks again for the sake of that.
      if count == admitted then masks, longest = bit.bor(masks, mask), math.max(longest, wait) end
    end
  end
  -- JSON knows no infinity: -1 stands for news that have to come first.
  if masks ~= 0 then answer.subWait = longest < NEVER and longest or -1 end
  wait_for_sub_limits(b, me, masks, longest, masked, now)
  return granted, kept_back, left - granted
end

-- Where there is plenty and nobody waits, some to spare save the next round trips; they come back as soon as they are
-- wanted elsewhere.
local function grant_spare(b, answer, used, left)
  if b.subs or b.unlimited or b.limit == 0 or b.cautious > now or #b.line > 0 then return end
  local spare = math.floor(math.min(used * SPARE, MOST_SPARE, left / (2 * reply.processes)))
  if spare < 1 then return end
  answer.granted[1][2] = answer.granted[1][2] + spare
  b.holders[me] = with_held(b.holders[me], 0, spare)
end

local function tell_window(b, answer)
  if b.limit > 0 then
    answer.window = {
      kind = b.kind, limit = b.limit, left = b.left, resetIn = b.latest - now,
      server = b.server or nil, drain = b.drain, longest = b.longest, route = b.route,
    }
  end
  if b.held > now then answer.heldFor = b.held - now end
  if b.cautious > now then answer.cautiousFor = b.cautious - now end
end

local function is_held_by_others(b)
  for pid in pairs(b.holders) do
    if pid ~= me then return true end
  end
  return false
end

-- What follows 'bucket:' in its key, where KEYS[1] has 'state'.
local function bucket_name(key) return key:sub(#KEYS[1] + 3) end

local function is_waiting(b) return place_in(b.line, me) or (b.waiting and place_in(b.waiting, me)) end

local function ask(b, entry, answer, wake, answered, was_waiting)
  local want = wants_of(entry)
  local granted, kept_back, left = grant(b, entry, answer, wake)
  local more = want - granted - kept_back
  stand(b.line, me, more > 0 and more, granted)
  if granted > 0 then grant_spare(b, answer, math.max(granted, answered), left) end
  local wait = appoint(b, me, now, wake)
  if wait then answer.wait = wait < NEVER and wait or -1 end
  if granted < want then tell_window(b, answer) end
  answer.isWanted = has_others(b.line, me) or (b.waiting and has_others(b.waiting, me)) or nil
  -- Whoever begins to wait asks those who hold something to tell of it at once.
  if is_waiting(b) and not was_waiting then
    if is_held_by_others(b) then add_news('wanted', entry.name) end
    if b.elsewhere and b.elsewhere > 0 then add_news('wanted', bucket_name(KEYS[entry.origin])) end
  end
  return granted
end

-- Whoever waited under the name that the bucket had before its hash was known begins to wait here.
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
  bury_holders(b, state, now)
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
    for _, waiting in ipairs(b.line) do wake[waiting[1]] = 0 end
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
  process.h, process.n = global.held, global.inFlight
  for _, free_in in ipairs(global.returned or {}) do
    if free_in > 0 then cool(state, now + free_in, 1) end
  end
  table.sort(state.cooling)
  local slots = grant_slots(state, me, global.limit, math.max(0, global.line + granted - global.spare), now)
  if #slots > 0 then reply.slots = slots end
  reply.hasUnmetDemand = process.w > 0 or nil
  reply.share = balance_slots(state, me, global.limit, news, now)
end

-- Besides whom they are from.
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
  state.processes[me].u = now
end
redis.call('SET', KEYS[1], cmsgpack.pack(state), 'PX', STATE_KEPT)
if has_news() then publish(request.channel, request.sharded, cjson.encode(news)) end
return cjson.encode(reply)
