// A bot in a process of its own, through the built packages: run by processes.ts, which may kill or suspend it.
// Its first argument is JSON: { redis, baseURL, path, method, count, hold }. It says `joined`, `lost`, `holding` and, at
// the end, how many requests were answered; each on a line.
import { RedisCoordinator } from '@sluice/redis';
import { RESTClient } from 'sluice';

const { redis, baseURL, path, method = 'GET', count, hold = false } = JSON.parse(process.argv[2]);
const coordinator = new RedisCoordinator(redis);
let held = 0;

/** Keeps what was permitted, as a process does that is stuck before it sends. */
function keep() {
  held += 1;
  if (held === count) process.stdout.write('holding\n');
  return new Promise(() => {});
}

const client = new RESTClient({
  token: 'secret-token',
  baseURL,
  coordinator,
  timeout: Number.POSITIVE_INFINITY,
  ...(hold && { fetch: keep }),
});
for (const name of ['Joined', 'Lost']) {
  client.buckets.on(`coordinator${name}`, () => process.stdout.write(`${name.toLowerCase()}\n`));
}
const send = async () => (await client.fetch(path, { method })).status;
const outcomes = await Promise.allSettled(Array.from({ length: count }, send));
const answered = outcomes.filter(({ value }) => value === 200).length;
process.stdout.write(`answered ${answered}\n`);
client.close();
await coordinator.close();
