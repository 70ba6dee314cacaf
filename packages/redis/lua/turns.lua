-- Who of the processes may have of a bucket what is left of its window: each in turn, and no more than its turn.

local function in_flight_of(b)
  local count = b.elsewhere or 0
  for _, held in pairs(b.holders) do count = count + count_held(held) end
  return count
end

-- What a process that is gone had in flight was counted by now, or never will be.
local function bury_holders(b, state, now)
  local lost = 0
  for pid, held in pairs(b.holders) do
    if not is_alive(state, pid, now) then
      for _, pair in ipairs(each_held(held)) do
        lost = lost + pair[2]
        for _ = 1, pair[2] do count_in_sub_limits(b, pair[1], now) end
      end
      b.holders[pid] = nil
    end
  end
  if lost > 0 then lose(b, lost, now) end
end

-- What one turn may take, with so many in line.
local function turn(b, count) return math.max(1, math.ceil(math.max(1, b.limit) / math.max(1, count))) end

-- How many requests a process may send now: those before it in line are served first.
local function most_for(b, me, now)
  local left = available(b, in_flight_of(b), now)
  if not has_others(b.line, me) then return left end
  local place = place_in(b.line, me)
  local most = turn(b, #b.line + (place and 0 or 1))
  for index = 1, (place or #b.line + 1) - 1 do
    local entry = b.line[index]
    if is_expected(entry, now) then left = left - math.min(entry[2], most) end
  end
  return math.max(0, math.min(left, most))
end

-- Whoever waited to find out about the bucket waits in its line from then on, and is told to come. More may wait by now
-- than it said at first, so it is given a whole turn. Returns whether there was any.
local function adopt_line(b, me, former, now)
  local has_any = false
  for _, entry in ipairs(former.line) do
    local pid = entry[1]
    if pid ~= me and not place_in(b.line, pid) then
      insert_in(b.line, { pid, NEVER, now, least_served(b.line) })
      has_any = true
    end
  end
  return has_any
end

-- Tells those in line when to come, as far as that is known; returns in how many ms `me` is to.
local function appoint(b, me, now, wake)
  if #b.line == 0 then return nil end
  local under_way = in_flight_of(b)
  local before, mine = 0, nil
  local most = turn(b, #b.line)
  for _, entry in ipairs(b.line) do
    local wait = wait_for(b, under_way + before, now)
    local at = wait < NEVER and now + wait
    if entry[1] == me then mine = wait
    elseif at and (not entry[3] or at < entry[3] - PRECISION) then wake[entry[1]] = wait end
    entry[3] = at
    before = before + math.min(entry[2], most)
  end
  return mine
end
