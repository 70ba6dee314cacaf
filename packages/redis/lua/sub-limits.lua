-- needs: window.lua, line.lua
-- The limits of a bucket that no header shows (sluice's rules/sub-limits.ts). Each is a table of
--   fields  names of body fields, one of which is limited; false when every request counts
--   count   requests that a period admits; period: its length; ends: the end of the current one; used: requests in it
-- A mask of bits names those that apply to a request: bit n stands for the n-th, counted from 0.

-- Positions in a pair of a mask and the number of requests with that mask.
local MASK, COUNT = 1, 2

local MOST_SUB_LIMITS = 8

local function concerns(mask, index) return bit.band(mask, bit.lshift(1, index - 1)) ~= 0 end

-- Requests in flight as pairs of mask and number; a plain number stands for requests that no sub-limit concerns.
local function each_held(held)
  if type(held) == 'table' then return held end
  return { { 0, held } }
end

-- The number of requests in flight.
local function count_held(held)
  if type(held) == 'number' then return held end
  local count = 0
  for _, pair in ipairs(held) do count = count + pair[COUNT] end
  return count
end

-- The requests in flight, and `count` more with this mask.
local function with_held(held, mask, count)
  if mask == 0 and type(held) == 'number' then return held + count end
  local more = each_held(held)
  table.insert(more, { mask, count })
  return more
end

local function sub_limit_in_flight(b, index)
  local count = 0
  for _, held in pairs(b.holders) do
    for _, pair in ipairs(each_held(held)) do
      if concerns(pair[MASK], index) then count = count + pair[COUNT] end
    end
  end
  return count
end

-- How many more requests with this mask the sub-limits admit, and how long until they admit one.
local function sub_limits_admit(b, mask, now)
  local most, wait = NEVER, 0
  for index, limit in ipairs(b.subs or {}) do
    if concerns(mask, index) then
      local in_flight = sub_limit_in_flight(b, index)
      local is_open = now < limit.ends
      local left = limit.count - in_flight - (is_open and limit.used or 0)
      most = math.min(most, math.max(0, left))
      if left < 1 then
        wait = math.max(wait, is_open and in_flight < limit.count and limit.ends - now or NEVER)
      end
    end
  end
  return most, wait
end

-- How many requests a period of the narrowest of these sub-limits admits.
local function least_count(b, mask)
  local least = NEVER
  for index, limit in ipairs(b.subs) do
    if concerns(mask, index) then least = math.min(least, limit.count) end
  end
  return least
end

-- The same for one of several processes: each has its turn. Processes that have waited longer are told to come, and the
-- others wait for them.
local function sub_limits_admit_in_turn(b, me, mask, now, wake)
  local admitted, wait = sub_limits_admit(b, mask, now)
  if admitted == 0 or not b.waiting then return admitted, wait > 0 and wait or NEVER end
  local before, others, is_before = 0, 0, true
  for _, entry in ipairs(b.waiting) do
    if entry[PID] == me then is_before = false
    elseif bit.band(entry[WANT], mask) ~= 0 then
      others = others + 1
      if is_before and is_expected(entry, now) then
        before = before + 1
        call_in(entry, now, wake)
      end
    end
  end
  if others == 0 then return admitted, NEVER end
  local turn = math.ceil(least_count(b, mask) / (others + 1))
  return math.max(0, math.min(turn, admitted - before * turn)), PATIENCE
end

-- A process waits `wait` ms, or for news, for the sub-limits of a mask (0: for none), and has been given `got` permits.
local function wait_for_sub_limits(b, me, mask, wait, got, now)
  if mask == 0 and not b.waiting then return end
  b.waiting = b.waiting or {}
  stand(b.waiting, me, mask ~= 0 and mask, got)
  local place = place_in(b.waiting, me)
  if place then b.waiting[place][AT] = wait < NEVER and now + wait end
  if #b.waiting == 0 then b.waiting = nil end
end

-- After a request has ended, tells the processes that wait for an end to come.
local function call_waiting(b, me, now, wake)
  for _, entry in ipairs(b.waiting or {}) do
    if entry[PID] ~= me then call_in(entry, now, wake) end
  end
end

-- A request has ended that may have been admitted at `at` or before.
local function count_in_sub_limits(b, mask, at)
  for index, limit in ipairs(b.subs or {}) do
    if concerns(mask, index) then
      -- The period opens with its first request.
      if at >= limit.ends then
        limit.ends = at + limit.period + PRECISION
        limit.used = 0
      end
      limit.used = limit.used + 1
    end
  end
end

local function is_same_sub_limit(a, b)
  if not a.fields or not b.fields then return not a.fields and not b.fields end
  for _, field in ipairs(a.fields) do
    for _, other in ipairs(b.fields) do
      if field == other then return true end
    end
  end
  return false
end

-- Takes over a limit that a process learned from a refusal. The order of the known ones stays, as masks depend on it.
local function learn_sub_limit(b, told, now)
  local limit = {
    fields = told.fields or false, count = told.count, period = told.period, ends = now + told.endsIn, used = told.used,
  }
  b.subs = b.subs or {}
  for index, known in ipairs(b.subs) do
    if is_same_sub_limit(known, limit) then
      -- This process did not count the requests that others have had admitted meanwhile.
      if told.isRetold then
        limit.ends, limit.used = math.max(known.ends, limit.ends), math.max(known.used, limit.used)
      end
      b.subs[index] = limit
      return
    end
  end
  if #b.subs < MOST_SUB_LIMITS then table.insert(b.subs, limit) end
end

local function tell_sub_limits(b, now)
  local told = {}
  for index, limit in ipairs(b.subs or {}) do
    told[index] = {
      fields = limit.fields or nil, count = limit.count, period = limit.period, endsIn = limit.ends - now,
      used = limit.used,
    }
  end
  return told
end
