-- Lines in which processes stand for what several of them want: lists of { pid, want, at, served }. `want` is how many
-- requests, or the mask of the sub-limits that hold them; `at` is when the process was told to come, false while it waits
-- for news; `served` is what it has had since it stands there. Whoever has had the least is next, so that a turn that a
-- window cut short goes on in the next one.

local function place_in(line, pid)
  for index, entry in ipairs(line) do
    if entry[1] == pid then return index end
  end
  return nil
end

-- Whoever comes has had no less than those who stood in line meanwhile.
local function least_served(line) return line[1] and line[1][4] or 0 end

local function insert_in(line, entry)
  local place = #line + 1
  while place > 1 and line[place - 1][4] > entry[4] do place = place - 1 end
  table.insert(line, place, entry)
end

-- A process wants so many more, or none (false), and has got some.
local function stand(line, pid, want, got)
  local place = place_in(line, pid)
  if place and got == 0 and want then
    line[place][2] = want
    return
  end
  local served = place and table.remove(line, place)[4] or least_served(line)
  if want then insert_in(line, { pid, want, false, served + got }) end
end

-- Whether it is still waited for.
local function is_expected(entry, now) return not entry[3] or now <= entry[3] + PATIENCE end

-- One who waits for news is told to come.
local function call_in(entry, now, wake)
  if not entry[3] then wake[entry[1]], entry[3] = 0, now end
end

-- Those who are gone wait no more, nor do those who do not come for the length of a lease when they are told to.
local function clear_line(line, state, lease, now)
  for index = #line, 1, -1 do
    local pid, at = line[index][1], line[index][3]
    if not is_alive(state, pid, now) or (at and at + lease < now) then table.remove(line, index) end
  end
end

local function has_others(line, pid) return line[1] ~= nil and (line[1][1] ~= pid or line[2] ~= nil) end
