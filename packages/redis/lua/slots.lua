-- needs: process.lua
-- The slots of the global limit. Each slot belongs to one process at a time. A process uses a slot again and again, each
-- time one second after the answer to its last use; with a slot that it gives back, it says when the slot is free. When
-- processes want more slots than there are, each may keep an equal share. The slots that remain go around, each time for
-- one use; where there are fewer slots than processes, all of them do.

local GLOBAL_PERIOD = 1000
local MOST_SPARE_SLOTS = 64
-- How long the others wait for a process that was told to come.
local PATIENCE = 250

-- Adds slots that no process owns to the list of those that are not free yet; a slot without an entry is free now.
local function cool(state, at, count)
  -- In whole ms, later rather than earlier: numbers of this size have no exact fractions.
  for _ = 1, count do table.insert(state.cooling, math.floor(at) + 1) end
end

-- The requests in flight of a process that is gone reached Discord before its lease ended, or never will.
local function reap_slots(state, process)
  cool(state, process[LEASE_ENDS] + GLOBAL_PERIOD, process[OWNED])
  process[OWNED], process[WANTED], process[IN_FLIGHT], process[KEPT] = 0, 0, 0, false
end

local function drop_cooled(state, now)
  local cooling = {}
  for _, at in ipairs(state.cooling) do
    if at > now then table.insert(cooling, at) end
  end
  state.cooling = cooling
end

-- The number of slots that no process owns.
local function pool_of(state, limit)
  local owned = 0
  for _, process in pairs(state.processes) do owned = owned + process[OWNED] end
  return math.max(0, limit - owned)
end

-- Slots that a process can use: a process that sends goes on to use what it has used within the last second.
local function need_of(process)
  if process[WANTED] + process[IN_FLIGHT] == 0 then return 0 end
  return process[OWNED] + process[WANTED]
end

-- The slots that each process may keep, so that those that need fewer leave the rest to the others; and the number of
-- processes that want more.
local function fair_share(state, limit)
  local needs, wanting = {}, 0
  for _, process in pairs(state.processes) do
    if process[WANTED] > 0 then wanting = wanting + 1 end
    local need = need_of(process)
    if need > 0 then table.insert(needs, need) end
  end
  table.sort(needs)
  local left = limit
  for index, need in ipairs(needs) do
    local share = math.floor(left / (#needs - index + 1))
    if need > share then return share, wanting end
    left = left - need
  end
  return limit, wanting
end

-- Of the processes that have their share, the one that has waited longest for a slot that remains.
local function next_in_turn(state, share)
  local turn
  for pid, process in pairs(state.processes) do
    if process[WANTED] > 0 and process[OWNED] <= share then
      local earliest = turn and state.processes[turn][GRANTED_AT]
      if not turn or process[GRANTED_AT] < earliest or (process[GRANTED_AT] == earliest and pid < turn) then turn = pid end
    end
  end
  return turn
end

-- A process that was offered a slot and does not come for it goes to the end.
local function withdraw_offer(state, me, now)
  if not state.offered or state.offered == me or now <= state.offered_at + PATIENCE then return end
  local late = state.processes[state.offered]
  if late then late[GRANTED_AT] = now end
  state.offered = nil
end

-- Offers a slot to the process whose turn is next, once. Returns that process.
local function offer(state, me, share, now)
  local turn = next_in_turn(state, share)
  if not turn or turn == me or state.offered == turn then return nil end
  state.offered, state.offered_at = turn, now
  return turn
end

-- The slots that other processes want and lack of their share.
local function missing(state, me, share)
  local count = 0
  for pid, process in pairs(state.processes) do
    if pid ~= me and process[WANTED] > 0 then count = count + math.max(0, math.min(share, process[OWNED] + process[WANTED]) - process[OWNED]) end
  end
  return count
end

-- How many slots that no process owns a process may have, and how many more to spare.
local function admit_slots(state, me, limit, want, now)
  local process = state.processes[me]
  local share, wanting = fair_share(state, limit)
  withdraw_offer(state, me, now)
  local fair = math.min(want, math.max(0, share - process[OWNED]))
  local rest = math.max(0, pool_of(state, limit) - fair - missing(state, me, share))
  -- No other process wants any: slots to spare save the next round trips.
  if wanting <= 1 then return fair + rest, math.min(MOST_SPARE_SLOTS, math.ceil(limit / 8)) end
  if next_in_turn(state, share) ~= me then return fair, 0 end
  if state.offered == me then state.offered = nil end
  return fair + math.min(rest, 1), 0
end

-- Grants a process the slots that it wants, as far as that is fair. Returns in how many ms each of them is free.
local function grant_slots(state, me, limit, want, now)
  local process = state.processes[me]
  process[WANTED] = want
  if want == 0 or now < (state.reborn or 0) then return {} end
  local admitted, spare = admit_slots(state, me, limit, want, now)
  local pool = pool_of(state, limit)
  -- Of more uses than slots, the latest say when each of them is free.
  local extra = math.max(0, #state.cooling - pool)
  local cooling = #state.cooling - extra
  local most = math.min(want, admitted)
  local granted = {}
  for _ = 1, math.min(pool - cooling, math.max(most, spare)) do table.insert(granted, 0) end
  while #granted < most and cooling > 0 do
    table.insert(granted, math.max(0, table.remove(state.cooling, extra + 1) - now))
    cooling = cooling - 1
  end
  if #granted > 0 then process[GRANTED_AT] = now end
  process[OWNED] = process[OWNED] + #granted
  process[WANTED] = math.max(0, want - #granted)
  return granted
end

-- The processes to call for slots that no process owns: those that lack some of their share, else the next in turn.
local function called(state, me, share, now)
  local pids = {}
  for pid, process in pairs(state.processes) do
    if pid ~= me and process[WANTED] > 0 and process[OWNED] < share then table.insert(pids, pid) end
  end
  if #pids == 0 then pids[1] = offer(state, me, share, now) end
  return #pids > 0 and pids or nil
end

-- Whether a process owns slots that others should have, and does not know it.
local function is_uninformed(process, share)
  if process[OWNED] > share then return process[KEPT] ~= share end
  return process[OWNED] > 0 and process[WANTED] == 0 and not process[KEPT]
end

-- Announces the share that each may keep, if that is news to a process that owns more.
local function tell_share(state, me, share, news)
  for pid, process in pairs(state.processes) do
    if pid ~= me and is_uninformed(process, share) then news.share = share end
  end
  if not news.share then return end
  for _, process in pairs(state.processes) do process[KEPT] = share end
end

-- Announces which processes should give slots back and which should come for some. Returns how many `me` may keep if
-- others want more.
local function balance_slots(state, me, limit, news, now)
  local mine = state.processes[me]
  local share, wanting = fair_share(state, limit)
  mine[KEPT] = wanting > (mine[WANTED] > 0 and 1 or 0) and share
  if wanting == 0 then return nil end
  if pool_of(state, limit) > 0 then news.slots = called(state, me, share, now)
  elseif mine[WANTED] > 0 then tell_share(state, me, share, news) end
  return mine[KEPT] or nil
end
