// Installs a Redis server for `npm test` unless there is one. Nothing is left running: each test starts its own server.
import { ensureRedisServer } from './install.js';

try {
  ensureRedisServer();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
