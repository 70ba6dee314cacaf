-- needs: bucket.lua
-- One counter of Discord's as all processes together know it: the rules of sluice's rules/window.ts and
-- rules/bucket-state.ts (theory: docs/theory.md), on Redis' clock.

-- Headers give milliseconds: an instant may be up to this much later than what was read.
local PRECISION = 1
-- Absorbs the error of sums when a level is compared with a limit.
local EPSILON = 1e-6
local NEVER = math.huge
-- For how many windows a bucket stays cautious after another user of the token has shown.
local CAUTIOUS_WINDOWS = 3

local function unit_of(b) return b.drain / b.limit end

local function set_unit(b, unit) b.drain = math.max(1, math.floor(unit * b.limit + EPSILON)) end

local function lost_until(b)
  if b.lost == 0 then return -NEVER end
  local period = b.longest + PRECISION
  if b.kind == 'f' then return b.lost_at + period end
  -- It may be sliding: then each of them moved the reset by a unit, which is no longer than that.
  return math.max(b.lost_at, b.latest) + b.lost * period
end

-- Sliding: the latest instant at which the level is zero.
local function empty_at(b)
  if b.lost == 0 then return b.latest end
  return math.max(b.latest, b.lost_at) + b.lost * unit_of(b)
end

-- The instant after which the past of the window does not matter any more.
local function idle_at(b)
  if b.limit == 0 then return 0 end
  if b.kind == 's' then return empty_at(b) end
  return math.max(b.latest, lost_until(b))
end

-- Fixed and unknown kinds: what is left of the window that is open, or of the one to come.
local function remaining_in(b, now)
  local remaining = math.max(b.limit, 1)
  if b.limit > 0 and now < b.latest then remaining = b.left end
  if now < lost_until(b) then remaining = remaining - b.lost end
  return remaining
end

-- How many requests may leave besides those in flight; may be negative.
local function free(b, in_flight, now)
  if b.kind ~= 's' then return remaining_in(b, now) - in_flight end
  local level = math.max(0, empty_at(b) - now) / unit_of(b)
  return math.floor(b.limit - level + EPSILON) - in_flight
end

local function window_wait(b, in_flight, now)
  if free(b, in_flight, now) >= 1 then return 0 end
  if in_flight >= math.max(b.limit, 1) then return NEVER end
  if b.kind == 's' then return math.max(0, empty_at(b) - (b.limit - 1 - in_flight) * unit_of(b) - now) end
  local first, second = b.latest, lost_until(b)
  if second < first then first, second = second, first end
  if first > now and free(b, in_flight, first) >= 1 then return first - now end
  if second > now and free(b, in_flight, second) >= 1 then return second - now end
  return NEVER
end

-- How many requests may leave now.
local function available(b, in_flight, now)
  if b.held > now then return 0 end
  if b.unlimited then return NEVER end
  if b.cautious > now then return in_flight == 0 and math.min(1, free(b, 0, now)) or 0 end
  return math.max(0, free(b, in_flight, now))
end

-- How long until one more may leave; NEVER when that takes an answer to one in flight.
local function wait_for(b, in_flight, now)
  if b.unlimited then return math.max(b.held - now, 0) end
  if in_flight > 0 and b.cautious > now then return NEVER end
  return math.max(b.held - now, window_wait(b, in_flight, now), 0)
end

local function period_of(b)
  if b.kind == 's' then return b.drain end
  return b.longest
end

local function hold(b, until_) b.held = math.max(b.held, until_) end

-- `count` requests have ended without an answer: Discord has counted them by `at`, or never will.
local function lose(b, count, at)
  if b.limit == 0 then return end
  b.lost = at >= idle_at(b) and count or b.lost + count
  b.lost_at = math.max(b.lost_at, at)
end

-- Of `limit - remaining` whole units at most, the time to the reset is what is left to drain: no unit can be shorter.
local function least_unit(o)
  return math.max(o.resetAfter - PRECISION, EPSILON) / math.max(1, o.limit - o.remaining)
end

-- The level is above `limit - remaining - 1`: no unit can be longer.
local function greatest_unit(o)
  local whole = o.limit - o.remaining - 1
  if whole <= 0 then return NEVER end
  return (o.resetAfter + PRECISION) / whole
end

local function set_kind(b, kind, o)
  -- The unit that was measured while the window seemed fixed never was one.
  if b.kind == 'f' and kind == 's' then set_unit(b, least_unit(o)) end
  b.kind = kind
end

-- What two answers of one route prove: within one window, an equal reset means fixed, one that moved sliding.
local function infer_kind(b, o)
  if o.refused or b.after < 0 or not o.reset or not b.server then return end
  local answered = math.max(b.server - b.after, o.reset - o.resetAfter)
  if answered >= math.min(b.server, o.reset) - PRECISION then return end
  if math.abs(b.server - o.reset) > PRECISION then set_kind(b, 's', o)
  elseif b.left ~= o.remaining then set_kind(b, 'f', o) end
end

-- Whether an answer's reset is later than the one that is known (positive), earlier, or the same (0).
local function compare(b, o, earliest, latest)
  if o.reset and b.server then
    local difference = o.reset - b.server
    return math.abs(difference) <= PRECISION and 0 or difference
  end
  if b.earliest and latest < b.earliest then return latest - b.earliest end
  if earliest > b.latest then return earliest - b.latest end
  return 0
end

local function begin(b, o, earliest, latest)
  b.limit, b.left, b.latest = o.limit, o.remaining, math.ceil(latest)
  b.server = o.reset or false
  b.earliest = not o.reset and earliest or false
  set_unit(b, least_unit(o))
  b.longest = o.resetAfter
  b.after = o.refused and -1 or o.resetAfter
  b.route = o.route
end

local function apply(b, o, earliest, latest, is_same)
  local changed = o.limit ~= b.limit
  b.left = is_same and math.min(b.left, o.remaining) or o.remaining
  if is_same then
    -- Without bounds to compare, it may be an older instant, which must not bring the known one forward.
    if (b.server and o.reset) or b.earliest then b.latest = math.min(b.latest, math.ceil(latest)) end
    b.server = b.server or o.reset or false
    b.earliest = not b.server and math.max(b.earliest or earliest, earliest) or false
  else
    b.latest = math.ceil(latest)
    b.server = o.reset or false
    b.earliest = not o.reset and earliest or false
  end
  b.longest = changed and o.resetAfter or math.max(b.longest, o.resetAfter)
  local unit = unit_of(b)
  local least = least_unit(o)
  b.limit = o.limit
  set_unit(b, (changed or unit > greatest_unit(o)) and least or math.max(unit, least))
  b.after = o.refused and -1 or o.resetAfter
  b.route = o.route
end

-- Learns from an answer while `in_flight` other requests are in flight.
local function learn(b, o, in_flight)
  local earliest = o.sent and o.sent + o.resetAfter - PRECISION or -NEVER
  local latest = o.received + o.resetAfter + PRECISION
  if o.kind and b.kind == 'u' then b.kind = o.kind end
  if b.limit == 0 then return begin(b, o, earliest, latest) end
  -- The request that was answered was in flight until now.
  local expected = b.kind == 's' and -NEVER or remaining_in(b, o.received) - in_flight - (o.count or 1)
  if b.route == o.route then infer_kind(b, o) end
  local order = compare(b, o, earliest, latest)
  if order >= 0 then apply(b, o, earliest, latest, order == 0) end
  -- Discord counted the requests that were lost before this one left before this one, or never will.
  if b.lost > 0 and o.sent and o.sent >= b.lost_at then b.lost = 0 end
  -- Without the instant of its grant, no process counted on the request.
  if order < 0 or not o.sent then return end
  local contended = o.remaining < expected
  if o.refused then contended = o.remaining == 0 end
  if contended then
    b.cautious = math.max(b.cautious, o.received, b.held) + CAUTIOUS_WINDOWS * period_of(b)
  end
end
