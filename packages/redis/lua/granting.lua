-- needs: request.lua, store.lua, turns.lua
-- Grants permits to the process of the request, and says when to come again for the rest.

-- Permits to spare for each that is wanted, or was used since the last exchange about the bucket; and the most of them.
local SPARE = 16
local MOST_SPARE = 256

local function wants_of(entry)
  local total = 0
  for _, pair in ipairs(entry.want or {}) do total = total + pair[COUNT] end
  return total
end

-- Grants as many of the wanted permits as the bucket and its sub-limits have left. Returns how many, how many wait for
-- sub-limits, and how many are left.
local function grant(b, entry, answer, wake)
  local left = most_for(b, me, now)
  local granted, kept_back, masks, masked, longest = 0, 0, 0, 0, 0
  for _, pair in ipairs(entry.want or {}) do
    local mask, want = pair[MASK], pair[COUNT]
    local admitted, wait = NEVER, 0
    if mask ~= 0 then admitted, wait = sub_limits_admit_in_turn(b, me, mask, now, wake) end
    local count = math.max(0, math.min(want, left - granted, admitted))
    if count > 0 then
      answer.granted = answer.granted or {}
      table.insert(answer.granted, { mask, count })
      b.holders[me] = with_held(b.holders[me] or 0, mask, count)
      granted = granted + count
      if mask ~= 0 then masked = masked + count end
    end
    if admitted < want then
      kept_back = kept_back + want - admitted
      -- A request that waits for the window comes again when the window has room.
      if count == admitted then masks, longest = bit.bor(masks, mask), math.max(longest, wait) end
    end
  end
  -- JSON has no infinity: -1 stands for a wait for news.
  if masks ~= 0 then answer.subWait = longest < NEVER and longest or -1 end
  wait_for_sub_limits(b, me, masks, longest, masked, now)
  return granted, kept_back, left - granted
end

-- Where there is plenty and no process waits, permits to spare save the next round trips. They come back as soon as other
-- processes want them.
local function grant_spare(b, answer, used, left)
  if b.subs or b.unlimited or b.limit == 0 or b.cautious > now or #b.line > 0 then return end
  local spare = math.floor(math.min(used * SPARE, MOST_SPARE, left / (2 * reply.processes)))
  if spare < 1 then return end
  answer.granted[1][2] = answer.granted[1][2] + spare
  b.holders[me] = with_held(b.holders[me], 0, spare)
end

local function tell_window(b, answer)
  if b.limit > 0 then
    answer.window = {
      kind = b.kind, limit = b.limit, left = b.left, resetIn = b.latest - now,
      server = b.server or nil, drain = b.drain, longest = b.longest, route = b.route,
    }
  end
  if b.held > now then answer.heldFor = b.held - now end
  if b.cautious > now then answer.cautiousFor = b.cautious - now end
end

local function is_held_by_others(b)
  for pid in pairs(b.holders) do
    if pid ~= me then return true end
  end
  return false
end

local function is_waiting(b) return place_in(b.line, me) or (b.waiting and place_in(b.waiting, me)) end

local function ask(b, entry, answer, wake, answered, was_waiting)
  local want = wants_of(entry)
  local granted, kept_back, left = grant(b, entry, answer, wake)
  local more = want - granted - kept_back
  stand(b.line, me, more > 0 and more, granted)
  if granted > 0 then grant_spare(b, answer, math.max(granted, answered), left) end
  local wait = appoint(b, me, now, wake)
  if wait then answer.wait = wait < NEVER and wait or -1 end
  if granted < want then tell_window(b, answer) end
  answer.isWanted = has_others(b.line, me) or (b.waiting and has_others(b.waiting, me)) or nil
  -- A process that begins to wait asks the others to report at once.
  if is_waiting(b) and not was_waiting then
    if is_held_by_others(b) then add_news('wanted', entry.name) end
    if b.elsewhere and b.elsewhere > 0 then add_news('wanted', bucket_name(KEYS[entry.origin])) end
  end
  return granted
end
