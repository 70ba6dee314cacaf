// A burst of requests through the built package: run by process.test.ts in a process of its own, which ends by itself.
import { RESTClient } from 'sluice';

const [, , baseURL, disturbance] = process.argv;
const CHANNELS = ['100000000000000001', '100000000000000002', '100000000000000003'];
const REQUESTS = 60;
/** The request that is in flight when the process is disturbed. */
const DISTURBED = 8;
const disturbances = { none: () => {}, block: () => block(2_500), close: () => client.close() };
let sent = 0;

/** Disturbs the process when a request has just left, before any answer. */
function transport(input, init) {
  if (++sent === DISTURBED) {
    setTimeout(disturbances[disturbance], 3);
    process.stdout.write('under way\n');
  }
  return fetch(input, init);
}

// The timeout is shorter than the time for which the process is held up.
const client = new RESTClient({
  token: 'secret',
  baseURL,
  globalLimit: 20,
  timeout: 1_500,
  retries: 0,
  fetch: transport,
});

/** Reads and writes alternate, over all channels. */
async function send(mark) {
  const method = mark % 2 === 0 ? 'POST' : 'GET';
  const path = `/channels/${CHANNELS[mark % CHANNELS.length]}/messages`;
  const response = await client.fetch(path, { method, headers: { 'x-simulator-mark': String(mark) } });
  return response.status;
}

function block(duration) {
  const end = performance.now() + duration;
  while (performance.now() < end);
}

const outcomes = await Promise.allSettled(Array.from({ length: REQUESTS }, (_, mark) => send(mark)));
const answered = outcomes.filter(({ status, value }) => status === 'fulfilled' && value === 200).length;
const errors = [...new Set(outcomes.flatMap(({ reason }) => (reason === undefined ? [] : [reason.name])))];
client.close();
process.stdout.write(`${JSON.stringify({ answered, settled: outcomes.length, errors })}\n`);
