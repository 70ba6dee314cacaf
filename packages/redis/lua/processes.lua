-- The processes of one authentication, and the slots of its global limit that each of them owns. A process uses a slot
-- again and again, each time one second after the answer to its last use; one that is given back tells when it is free.
-- Each process is a table of
--   u  until when its lease lasts     s  when it was seen last          q  the number of its last exchange
--   h  slots that it owns             w  slots that it wants besides     g  when it was granted one last
--   n  requests under way

local GLOBAL_PERIOD = 1000
local MOST_SPARE_SLOTS = 64
-- How long one who was told to come is waited for.
local PATIENCE = 250
-- How long a process that is gone still counts among those that may come back.
local REMEMBERED = 60000

local function is_alive(state, pid, now)
  local process = state.processes[pid]
  return process ~= nil and process.u >= now
end

-- Slots that nobody owns are free from these instants on; those that are not listed are free now.
local function cool(state, at, count)
  -- In whole ms, later rather than earlier: numbers of this size have no exact fractions.
  for _ = 1, count do table.insert(state.cooling, math.floor(at) + 1) end
end

-- What a process that is gone may have in flight reached Discord before its lease ended, or never will.
local function bury_processes(state, now)
  for pid, process in pairs(state.processes) do
    if process.u < now then
      cool(state, process.u + GLOBAL_PERIOD, process.h)
      process.h, process.w, process.n = 0, 0, 0
      if process.s + REMEMBERED < now then state.processes[pid] = nil end
    end
  end
  local cooling = {}
  for _, at in ipairs(state.cooling) do
    if at > now then table.insert(cooling, at) end
  end
  table.sort(cooling)
  state.cooling = cooling
end

local function count_processes(state)
  local count, owned = 0, 0
  for _, process in pairs(state.processes) do
    count = count + 1
    owned = owned + process.h
  end
  return count, owned
end

-- Slots that a process can use: a process that sends goes on to use what it has used within the last second.
local function need_of(process)
  if process.w + process.n == 0 then return 0 end
  return process.h + process.w
end

-- Slots that each may own, so that those who need less leave the rest to those who need more; and how many want more.
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
    local share = math.max(1, math.floor(left / (#needs - index + 1)))
    if need >= share then return share, wanting end
    left = left - need
  end
  return limit, wanting
end

-- Where there are fewer slots than processes that want one, each is used once and goes to the one that has waited longest.
local function next_in_turn(state)
  local turn
  for pid, process in pairs(state.processes) do
    if process.w > 0 and process.h == 0 then
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
local function offer(state, me, now)
  local turn = next_in_turn(state)
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

-- Gives a process the slots it wants, as far as that is fair; returns in how many ms each of them is free.
local function grant_slots(state, me, global, want, now)
  local process = state.processes[me]
  process.w = want
  if want == 0 or now < (state.reborn or 0) then return {} end
  local share, wanting = fair_share(state, global.limit)
  withdraw_offer(state, me, now)
  if wanting > global.limit and next_in_turn(state) ~= me then return {} end
  local _, owned = count_processes(state)
  local pool = math.max(0, global.limit - owned)
  local cooling = math.min(#state.cooling, pool)
  local fair = math.max(0, share - process.h)
  -- What is left over once all others have their share.
  local rest = pool - fair - missing(state, me, share)
  local most = math.min(want, fair + math.max(0, rest))
  -- Nobody else wants any: some to spare save the next round trips.
  local spare = wanting > 1 and 0 or math.min(MOST_SPARE_SLOTS, math.ceil(global.limit / 8))
  local granted = {}
  for _ = 1, math.min(pool - cooling, math.max(most, spare)) do table.insert(granted, 0) end
  while #granted < most and cooling > 0 do
    table.insert(granted, math.max(0, table.remove(state.cooling, 1) - now))
    cooling = cooling - 1
  end
  if #granted > 0 then process.g = now end
  process.h = process.h + #granted
  process.w = math.max(0, want - #granted)
  return granted
end

-- Tells who is to give slots back and who is to come for some. Returns whether each slot is to be used only once, and
-- how many `me` may keep if others want more.
local function balance_slots(state, me, global, news, now)
  local share, wanting = fair_share(state, global.limit)
  local others = wanting - (state.processes[me].w > 0 and 1 or 0)
  if wanting == 0 then return false, nil end
  local _, owned = count_processes(state)
  local pool = global.limit - owned
  local is_scarce = wanting > global.limit
  local turn = is_scarce and pool > 0 and offer(state, me, now)
  if turn then news.slots = { turn } end
  local mine = state.processes[me]
  local lacks = mine.w > 0 and mine.h < share and pool <= 0
  for pid, process in pairs(state.processes) do
    if pid ~= me and not is_scarce and process.w > 0 and pool > 0 and process.h < share then
      news.slots = news.slots or {}
      table.insert(news.slots, pid)
    elseif pid ~= me and lacks and process.h > 0 then
      -- One that was not heard of for a while may have nothing to send any more.
      local is_stale = process.s + GLOBAL_PERIOD < now
      if is_stale or process.h > math.min(share, need_of(process)) then news.share = share end
    end
  end
  return is_scarce, others > 0 and share or nil
end
