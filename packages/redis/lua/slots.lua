-- The slots of the global limit, each of which is one process' at a time. A process uses a slot again and again, each
-- time one second after the answer to its last use; one that is given back tells when it is free. When more are wanted
-- than there are, each process may keep an equal share; what that leaves over goes around, each time for one use, and is
-- all there is where there are fewer slots than processes. Of each process, its table tells
--   h  slots that it owns     w  slots that it wants besides     g  when it was granted one last
--   n  requests under way     t  the share that it was told to keep, false if it may have what it likes

local GLOBAL_PERIOD = 1000
local MOST_SPARE_SLOTS = 64
-- How long one who was told to come is waited for.
local PATIENCE = 250

local function new_slots() return { h = 0, w = 0, g = 0, n = 0, t = false } end

-- Slots that nobody owns are free from these instants on; those that are not listed are free now.
local function cool(state, at, count)
  -- In whole ms, later rather than earlier: numbers of this size have no exact fractions.
  for _ = 1, count do table.insert(state.cooling, math.floor(at) + 1) end
end

-- What a process that is gone may have in flight reached Discord before its lease ended, or never will.
local function bury_slots(state, process)
  cool(state, process.u + GLOBAL_PERIOD, process.h)
  process.h, process.w, process.n, process.t = 0, 0, 0, false
end

local function forget_cooled(state, now)
  local cooling = {}
  for _, at in ipairs(state.cooling) do
    if at > now then table.insert(cooling, at) end
  end
  state.cooling = cooling
end

-- Slots that nobody owns.
local function pool_of(state, limit)
  local owned = 0
  for _, process in pairs(state.processes) do owned = owned + process.h end
  return math.max(0, limit - owned)
end

-- Slots that a process can use: a process that sends goes on to use what it has used within the last second.
local function need_of(process)
  if process.w + process.n == 0 then return 0 end
  return process.h + process.w
end

-- Slots that each may keep, so that those who need less leave the rest to those who need more; and how many want more.
local function fair_share(state, limit)
  local needs, wanting = {}, 0
  for _, process in pairs(state.processes) do
    if process.w > 0 then wanting = wanting + 1 end
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

-- Of those who have their share, the one who has waited longest for what is left over.
local function next_in_turn(state, share)
  local turn
  for pid, process in pairs(state.processes) do
    if process.w > 0 and process.h <= share then
      local earliest = turn and state.processes[turn].g
      if not turn or process.g < earliest or (process.g == earliest and pid < turn) then turn = pid end
    end
  end
  return turn
end

-- Whoever was offered a slot and does not come for it goes to the end.
local function withdraw_offer(state, me, now)
  if not state.offered or state.offered == me or now <= state.offered_at + PATIENCE then return end
  local late = state.processes[state.offered]
  if late then late.g = now end
  state.offered = nil
end

-- Offers a slot to the next in turn, once; returns whom.
local function offer(state, me, share, now)
  local turn = next_in_turn(state, share)
  if not turn or turn == me or state.offered == turn then return nil end
  state.offered, state.offered_at = turn, now
  return turn
end

-- Slots that the others who want some lack of their share.
local function missing(state, me, share)
  local count = 0
  for pid, process in pairs(state.processes) do
    if pid ~= me and process.w > 0 then count = count + math.max(0, math.min(share, process.h + process.w) - process.h) end
  end
  return count
end

-- How many of the slots that nobody owns a process may have of those it wants, and how many more to spare.
local function admit_slots(state, me, limit, want, now)
  local process = state.processes[me]
  local share, wanting = fair_share(state, limit)
  withdraw_offer(state, me, now)
  local fair = math.min(want, math.max(0, share - process.h))
  local rest = math.max(0, pool_of(state, limit) - fair - missing(state, me, share))
  -- Nobody else wants any: some to spare save the next round trips.
  if wanting <= 1 then return fair + rest, math.min(MOST_SPARE_SLOTS, math.ceil(limit / 8)) end
  if next_in_turn(state, share) ~= me then return fair, 0 end
  if state.offered == me then state.offered = nil end
  return fair + math.min(rest, 1), 0
end

-- Gives a process the slots it wants, as far as that is fair; returns in how many ms each of them is free.
local function grant_slots(state, me, limit, want, now)
  local process = state.processes[me]
  process.w = want
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
  if #granted > 0 then process.g = now end
  process.h = process.h + #granted
  process.w = math.max(0, want - #granted)
  return granted
end

-- Who is to come for slots that nobody owns: those who lack some of their share, or else the next in turn.
local function called(state, me, share, now)
  local pids = {}
  for pid, process in pairs(state.processes) do
    if pid ~= me and process.w > 0 and process.h < share then table.insert(pids, pid) end
  end
  if #pids == 0 then pids[1] = offer(state, me, share, now) end
  return #pids > 0 and pids or nil
end

-- Whether one who has slots that others are to have does not know that.
local function is_uninformed(process, share)
  if process.h > share then return process.t ~= share end
  return process.h > 0 and process.w == 0 and not process.t
end

-- Tells all what they may keep, if that is news to one who has more.
local function tell_share(state, me, share, news)
  for pid, process in pairs(state.processes) do
    if pid ~= me and is_uninformed(process, share) then news.share = share end
  end
  if not news.share then return end
  for _, process in pairs(state.processes) do process.t = share end
end

-- Tells who is to give slots back and who is to come for some. Returns how many `me` may keep if others want more.
local function balance_slots(state, me, limit, news, now)
  local mine = state.processes[me]
  local share, wanting = fair_share(state, limit)
  mine.t = wanting > (mine.w > 0 and 1 or 0) and share
  if wanting == 0 then return nil end
  if pool_of(state, limit) > 0 then news.slots = called(state, me, share, now)
  elseif mine.w > 0 then tell_share(state, me, share, news) end
  return mine.t or nil
end
