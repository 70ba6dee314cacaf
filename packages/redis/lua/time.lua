-- The time of every decision, in ms: Redis's own clock, made steady. It never runs backwards, and a step forwards that no
-- process has lived through is subtracted, so that a fail-over to a machine whose clock is an hour ahead costs nothing.

-- The longest time that a call may take; a longer one counts as a step of the clock.
local LONGEST_CALL = 30000

local function read_clock(state, request)
  local now = request.now
  if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + time[2] / 1000
  end
  now = now + state.shift
  local latest = request.previous and request.previous + request.elapsed + LONGEST_CALL
  local steady = now
  if latest and now > latest then steady = latest - LONGEST_CALL end
  steady = math.max(steady, state.last)
  state.shift = state.shift + steady - now
  state.last = steady
  return steady
end
