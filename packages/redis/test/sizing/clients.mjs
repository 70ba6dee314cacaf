// How fast two clients of Redis call a small script: 64 callers through one connection, each with one call under way.
// Needs `npm install redis@6.3.1 ioredis@6.0.0` in a folder, and that folder as its argument:
//   node packages/redis/test/sizing/clients.mjs /tmp/clients
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { ensureRedisServer, startRedisServer } from 'sluice-redis-server';

const CALLERS = 64;
const WARM_UP = 500;
const TIME = 2_000;
const ROUNDS = 7;

/** The generic cell rate algorithm: KEYS[1] the bucket; ARGV: interval and tolerance in µs. Returns a wait in µs. */
const GCRA = `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + ARGV[1]
local wait = full - now - ARGV[2]
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0`;

const PARAMETERS = ['1', '3600000000'];

const CLIENTS = {
  async ioredis({ Redis }, { url }) {
    const client = new Redis(url);
    const sha = await client.script('LOAD', GCRA);
    return { call: (key) => client.evalsha(sha, 1, key, ...PARAMETERS), close: () => client.disconnect() };
  },
  async redis({ createClient }, { url }) {
    const client = await createClient({ url }).connect();
    const sha = await client.scriptLoad(GCRA);
    return {
      call: (key) => client.evalSha(sha, { keys: [key], arguments: PARAMETERS }),
      close: () => client.destroy(),
    };
  },
};

/** Calls for so long, in ms; returns calls in a second and CPU time of this process for each, in µs. */
async function load(call, time) {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const end = begun + time;
  let calls = 0;
  const caller = async (_, index) => {
    for (; performance.now() < end; calls++) if ((await call(`bucket:${index}`)) !== 0) throw new Error('a wait');
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (calls * 1_000) / (performance.now() - begun), cpu: (user + system) / calls };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function measure(name, library, server) {
  const { call, close } = await CLIENTS[name](library, server);
  await load(call, WARM_UP);
  const result = await load(call, TIME);
  close();
  return result;
}

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('Give the folder in which redis and ioredis are installed');
const require = createRequire(join(folder, 'x.js'));
ensureRedisServer();
const server = await startRedisServer();
const results = { ioredis: [], redis: [] };
try {
  for (let round = 0; round < ROUNDS; round++) {
    // Whoever is first in a round is second in the next, as the machine may be busier at times.
    const names = round % 2 === 0 ? ['ioredis', 'redis'] : ['redis', 'ioredis'];
    for (const name of names) results[name].push(await measure(name, require(name), server));
  }
} finally {
  await server[Symbol.asyncDispose]();
}
process.stdout.write(`${server.title}, node ${process.version}, ${CALLERS} callers, medians of ${ROUNDS} runs\n`);
for (const [name, runs] of Object.entries(results)) {
  const rates = runs.map(({ rate }) => Math.round(rate));
  const cpu = median(runs.map((run) => run.cpu)).toFixed(1);
  process.stdout.write(
    `${name}: ${median(rates)} calls/s (${Math.min(...rates)} – ${Math.max(...rates)}), ${cpu} µs CPU\n`,
  );
}
