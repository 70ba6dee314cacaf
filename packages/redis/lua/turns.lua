-- needs: window.lua, processes.lua, line.lua, sub-limits.lua
-- Which process may use the rest of a window: each in turn, and none more than its turn.

local function in_flight_of(b)
  local count = b.elsewhere or 0
  for _, held in pairs(b.holders) do count = count + count_held(held) end
  return count
end

-- Discord has counted the requests in flight of a process that is gone by now, or never will.
local function reap_holders(b, state, now)
  local lost = 0
  for pid, held in pairs(b.holders) do
    if not is_alive(state, pid, now) then
      for _, pair in ipairs(each_held(held)) do
        lost = lost + pair[COUNT]
        for _ = 1, pair[COUNT] do count_in_sub_limits(b, pair[MASK], now) end
      end
      b.holders[pid] = nil
    end
  end
  if lost > 0 then lose(b, lost, now) end
end

-- The most requests of one turn, with `count` processes in line.
local function turn(b, count) return math.max(1, math.ceil(math.max(1, b.limit) / math.max(1, count))) end

-- How many requests a process may send now: processes before it in line are served first.
local function most_for(b, me, now)
  local left = available(b, in_flight_of(b), now)
  if not has_others(b.line, me) then return left end
  local place = place_in(b.line, me)
  local most = turn(b, #b.line + (place and 0 or 1))
  for index = 1, (place or #b.line + 1) - 1 do
    local entry = b.line[index]
    if is_expected(entry, now) then left = left - math.min(entry[WANT], most) end
  end
  return math.max(0, math.min(left, most))
end

-- Processes that waited to find out about the bucket join its line, and are told to come. More of their requests may wait
-- by now than they reported, so each is given a whole turn. Returns whether there was any.
local function adopt_line(b, me, former, now)
  local has_any = false
  for _, entry in ipairs(former.line) do
    local pid = entry[PID]
    if pid ~= me and not place_in(b.line, pid) then
      insert_in(b.line, { pid, NEVER, now, least_served(b.line) })
      has_any = true
    end
  end
  return has_any
end

-- Tells the processes in line when to come, as far as that is known. Returns in how many ms `me` should come.
local function appoint(b, me, now, wake)
  if #b.line == 0 then return nil end
  local under_way = in_flight_of(b)
  local before, mine = 0, nil
  local most = turn(b, #b.line)
  for _, entry in ipairs(b.line) do
    local wait = wait_for(b, under_way + before, now)
    local at = wait < NEVER and now + wait
    if entry[PID] == me then mine = wait
    elseif at and (not entry[AT] or at < entry[AT] - PRECISION) then wake[entry[PID]] = wait end
    entry[AT] = at
    before = before + math.min(entry[WANT], most)
  end
  return mine
end
