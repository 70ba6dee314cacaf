// The one way to start and end a Redis or Valkey server in tests, in the benchmarks and in the example.
export { freePort } from './free-port.js';
export { ensureRedisServer } from './install.js';
export { RedisServer, type RedisServerOptions, startRedisServer } from './redis-server.js';
export { type ServerBinary, serverOnPath } from './server-on-path.js';
export { type Launch, ServerProcess, startOnPort } from './server-process.js';
