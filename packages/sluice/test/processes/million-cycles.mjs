// A million requests through the built package: run by million-cycles.test.ts in a process of its own.
import { RESTBucketManager, Route } from 'sluice';

const CYCLES = 1_000_000;
const CHANNELS = 5_000;
const manager = new RESTBucketManager({ globalLimit: Number.POSITIVE_INFINITY });
manager.start({ pollPeriod: 1_000, expireAfter: 0 });
const controller = new AbortController();
const route = new Route('GET', '/channels/{channel}/messages');
const routes = Array.from({ length: CHANNELS }, (_, channel) => route.compile({ channel: String(channel) }));
const answer = { bucket: 'hash', limit: 1_000, remaining: 999, resetAfter: 1 };

for (let cycle = 0; cycle < CYCLES; cycle++) {
  const compiled = routes[cycle % CHANNELS];
  const { signal } = controller;
  const permit = await manager.acquire(compiled, { signal, authorization: 'Bot token' });
  permit.complete(answer);
}

const busiest = manager.realHashesToBuckets.size;
// Every window has reset a few ms after its last answer.
const end = performance.now() + 50;
while (performance.now() < end);
const pass = manager.doGCPass(0);
const left = manager.realHashesToBuckets.size;
manager.close();
process.stdout.write(JSON.stringify({ busiest, pass, left, resources: process.getActiveResourcesInfo() }));
