-- A process that shares the limits of one authentication: a list, by these positions.
--   LEASE_ENDS  the end of its lease          SEEN   the time of its last exchange      SEQ   the number of that exchange
--   OWNED       the slots that it owns        WANTED     the slots that it wants besides
--   GRANTED_AT  when it was last granted one  IN_FLIGHT  its requests in flight
--   KEPT        the share of the slots that it was told to keep; false if it may keep all that it owns
local LEASE_ENDS, SEEN, SEQ, OWNED, WANTED, GRANTED_AT, IN_FLIGHT, KEPT = 1, 2, 3, 4, 5, 6, 7, 8

local function new_process() return { 0, 0, 0, 0, 0, 0, 0, false } end
