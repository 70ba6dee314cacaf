-- Who of the processes may have of a bucket what is left of it: each in turn, and no more than its turn. The line is a
-- list of { pid, want, at, served }: `at` is when the process was told to come, false while it waits for news; `served`
-- is what it has had since it stands there. Whoever has had the least is next, so that a turn that a window cut short
-- goes on in the next one.

local function in_flight_of(b)
  local count = b.elsewhere or 0
  for _, held in pairs(b.holders) do
    for _, pair in ipairs(each_held(held)) do count = count + pair[2] end
  end
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

-- Those who are gone wait no more, nor do those who do not come for the length of a lease when they are told to.
local function clear_line(b, state, lease, now)
  for index = #b.line, 1, -1 do
    local pid, at = b.line[index][1], b.line[index][3]
    if not is_alive(state, pid, now) or (at and at + lease < now) then table.remove(b.line, index) end
  end
end

local function place_of(b, pid)
  for index, entry in ipairs(b.line) do
    if entry[1] == pid then return index end
  end
  return nil
end

-- What one turn may take, with so many in line.
local function turn(b, count) return math.max(1, math.ceil(math.max(1, b.limit) / math.max(1, count))) end

-- How many requests a process may send now: those before it in line are served first.
local function most_for(b, me, now)
  local place = place_of(b, me)
  local others = #b.line - (place and 1 or 0)
  local left = available(b, in_flight_of(b), now)
  if others == 0 then return left end
  local most = turn(b, others + 1)
  for index = 1, (place or #b.line + 1) - 1 do
    local entry = b.line[index]
    if not entry[3] or now <= entry[3] + PATIENCE then left = left - math.min(entry[2], most) end
  end
  return math.max(0, math.min(left, most))
end

-- Whoever comes has had no less than those who stood in line meanwhile.
local function least_served(b)
  return b.line[1] and b.line[1][4] or 0
end

local function insert_in_line(b, entry)
  local place = #b.line + 1
  while place > 1 and b.line[place - 1][4] > entry[4] do place = place - 1 end
  table.insert(b.line, place, entry)
end

-- A process wants so many more, and has got some.
local function stand(b, me, want, got)
  local place = place_of(b, me)
  if place and got == 0 and want > 0 then
    b.line[place][2] = want
    return
  end
  local served = place and table.remove(b.line, place)[4] or least_served(b)
  if want > 0 then insert_in_line(b, { me, want, false, served + got }) end
end

-- Whoever waited to find out about the bucket waits in its line from then on, and is told to come. More may wait by now
-- than it said at first, so it is given a whole turn.
local function adopt_line(b, me, former, now)
  for _, entry in ipairs(former.line) do
    local pid = entry[1]
    if pid ~= me and not place_of(b, pid) then insert_in_line(b, { pid, NEVER, now, least_served(b) }) end
  end
end

-- Tells those in line when to come, as far as that is known; returns in how many ms `me` is to.
local function appoint(b, me, now, wake)
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
