-- needs: process.lua, slots.lua
-- The processes that share the limits of one authentication.

-- How long a process that is gone still counts as one that may come back.
local REMEMBERED = 60000

local function is_alive(state, pid, now)
  local process = state.processes[pid]
  return process ~= nil and process[LEASE_ENDS] >= now
end

local function reap_processes(state, now)
  for pid, process in pairs(state.processes) do
    if process[LEASE_ENDS] < now then
      reap_slots(state, process)
      if process[SEEN] + REMEMBERED < now then state.processes[pid] = nil end
    end
  end
end

local function count_processes(state)
  local count = 0
  for _ in pairs(state.processes) do count = count + 1 end
  return count
end
