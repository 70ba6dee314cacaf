-- A bucket is a table of
--   kind      'u' not known, 'f' fixed, 's' sliding
--   limit     requests that a full window admits; 0 before the first answer
--   left      fixed, unknown: the least `remaining` of the answers in the current window
--   latest    the latest instant at which the window is full again
--   server    the same instant on Discord's clock; false if no answer gave it
--   earliest  the earliest instant of a reset that Discord's clock does not give; false otherwise
--   drain     sliding: the time in which a full window drains; a lower bound
--   longest   the longest time to a reset that was seen at this limit
--   after     the time to the reset in the last answer; -1 when that proves nothing about the kind
--   lost      requests whose answer was lost; lost_at: when the last of them ended
--   route     the route whose answer showed the window
--   held      the end of a hold of all requests; cautious: the end of the time in which they leave one at a time
--   holders   what each process has in flight or was granted: a number, or pairs of mask and number (sub-limits.lua)
--   line      the processes that wait for the window (line.lua); waiting: those that wait for sub-limits, nil for none
--   subs      the limits that no header shows (sub-limits.lua); nil for none
-- and, for the time of an exchange, of
--   unlimited whether no window limits it, only what no header shows
--   elsewhere requests that find out about it under another name

local function new_bucket()
  return {
    kind = 'u', limit = 0, left = 0, latest = 0, server = false, earliest = false, drain = 1, longest = 0, after = -1,
    lost = 0, lost_at = 0, route = '', held = 0, cautious = 0, holders = {}, line = {},
  }
end

-- By position: the names would be most of the bytes.
local function pack_bucket(b)
  return cmsgpack.pack(
    b.kind, b.limit, b.left, b.latest, b.server, b.earliest, b.drain, b.longest, b.after, b.lost, b.lost_at, b.route,
    b.held, b.cautious, b.holders, b.line, b.waiting, b.subs
  )
end

-- The table is made in one piece, as one that grows is allocated again and again.
local function unpack_bucket(packed)
  local kind, limit, left, latest, server, earliest, drain, longest, after, lost, lost_at, route, held, cautious, holders,
    line, waiting, subs = cmsgpack.unpack(packed)
  return {
    kind = kind, limit = limit, left = left, latest = latest, server = server, earliest = earliest, drain = drain,
    longest = longest, after = after, lost = lost, lost_at = lost_at, route = route, held = held, cautious = cautious,
    holders = holders, line = line, waiting = waiting, subs = subs, unlimited = nil, elsewhere = nil,
  }
end
