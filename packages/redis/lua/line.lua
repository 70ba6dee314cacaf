-- needs: slots.lua, processes.lua
-- Lines of processes that want the same thing. Each entry is a list, by these positions.
--   PID     the process
--   WANT    the number of its requests, or the mask of the sub-limits that hold them
--   AT      when the process was told to come; false while it waits for news
--   SERVED  how much it has been granted since it stands in line
-- The process that has been granted least is next, so that a turn that a window cut short goes on in the next window.
local PID, WANT, AT, SERVED = 1, 2, 3, 4

local function place_in(line, pid)
  for index, entry in ipairs(line) do
    if entry[PID] == pid then return index end
  end
  return nil
end

-- A process that joins starts with no less than those that have stood in line meanwhile.
local function least_served(line) return line[1] and line[1][SERVED] or 0 end

local function insert_in(line, entry)
  local place = #line + 1
  while place > 1 and line[place - 1][SERVED] > entry[SERVED] do place = place - 1 end
  table.insert(line, place, entry)
end

-- A process wants `want` more permits (false: none) and has just been given `got`.
local function stand(line, pid, want, got)
  local place = place_in(line, pid)
  if place and got == 0 and want then
    line[place][WANT] = want
    return
  end
  local served = place and table.remove(line, place)[SERVED] or least_served(line)
  if want then insert_in(line, { pid, want, false, served + got }) end
end

-- Whether the others still wait for a process.
local function is_expected(entry, now) return not entry[AT] or now <= entry[AT] + PATIENCE end

-- Tells a process that waits for news to come.
local function call_in(entry, now, wake)
  if not entry[AT] then wake[entry[PID]], entry[AT] = 0, now end
end

-- Removes processes that are gone, and those that have not come within a lease after they were told to.
local function clear_line(line, state, lease, now)
  for index = #line, 1, -1 do
    local pid, at = line[index][PID], line[index][AT]
    if not is_alive(state, pid, now) or (at and at + lease < now) then table.remove(line, index) end
  end
end

local function has_others(line, pid) return line[1] ~= nil and (line[1][PID] ~= pid or line[2] ~= nil) end
