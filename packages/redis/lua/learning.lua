-- needs: request.lua, window.lua, turns.lua
-- Learns from a request: routes, groupings, holds and locks, and the reports about buckets.

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

-- The processes weigh the evidence; the last one that reports has seen the earlier reports.
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

-- Learns from the reports of requests that ended, each with its age. Returns the number of answers.
local function learn_reports(b, entry)
  local reports, answered = entry.reports or {}, 0
  for _, report in ipairs(reports) do
    if report.limit then answered = answered + (report.count or 1) end
  end
  local in_flight = answered > 0 and in_flight_of(b)
  local unread = answered
  for _, report in ipairs(reports) do
    report.received = now - report.age
    -- The requests of later reports were in flight until then.
    if report.limit then
      unread = unread - (report.count or 1)
      learn(b, report, in_flight + unread)
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

-- Whether an answer has shown meanwhile which bucket this is.
local function resolve(entry, answer)
  if not entry.routes then return false end
  for index, hash in ipairs(redis.call('HMGET', KEYS[2], unpack(entry.routes))) do
    -- A route without limits says nothing about its partner.
    if hash and (hash ~= '' or index == 1) then
      answer.hash, answer.route = hash, entry.routes[index]
      return true
    end
  end
  return false
end
