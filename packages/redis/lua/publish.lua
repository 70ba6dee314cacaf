-- Tells all processes something. In a Cluster, `sharded`, only to the node of the channel, where the server can.
local function publish(channel, sharded, message)
  local reply = sharded and redis.pcall('SPUBLISH', channel, message)
  if not reply or (type(reply) == 'table' and reply.err) then redis.call('PUBLISH', channel, message) end
end
