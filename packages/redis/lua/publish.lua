-- Sends a message to all processes. In a Cluster (`sharded`), only the node of the channel sends it, if the server can.
local function publish(channel, sharded, message)
  local reply = sharded and redis.pcall('SPUBLISH', channel, message)
  if not reply or (type(reply) == 'table' and reply.err) then redis.call('PUBLISH', channel, message) end
end
