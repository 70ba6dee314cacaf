-- The processes of one authentication that share its limits. Each is a table of
--   u  until when its lease lasts     s  when it was seen last     q  the number of its last exchange
-- and of what slots.lua knows of it.

-- How long a process that is gone still counts among those that may come back.
local REMEMBERED = 60000

local function is_alive(state, pid, now)
  local process = state.processes[pid]
  return process ~= nil and process.u >= now
end

local function bury_processes(state, now)
  for pid, process in pairs(state.processes) do
    if process.u < now then
      bury_slots(state, process)
      if process.s + REMEMBERED < now then state.processes[pid] = nil end
    end
  end
end

local function count_processes(state)
  local count = 0
  for _ in pairs(state.processes) do count = count + 1 end
  return count
end
