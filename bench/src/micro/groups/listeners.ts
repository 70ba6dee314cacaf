import type { CompiledRoute, LimitsSource, ManagerEvents, RESTBucketManager } from 'sluice';
import { CountingServer, wireHeaders } from '../answers.js';
import { timeBatches } from '../batches.js';
import type { Effort, Group } from '../group.js';
import { snowflakes } from '../identifiers.js';
import { AUTHORIZATION, messageRoutes, unlimitedManager } from '../peers/sluice.js';
import { keep } from '../sink.js';

const BATCH = 1_000;

const EVENTS: readonly (keyof ManagerEvents)[] = [
  'rateLimited',
  'globalLimited',
  'refused',
  'bucketResolved',
  'hashChanged',
  'sharingChanged',
  'subLimited',
  'routeUnlimited',
  'windowKind',
  'malformedHeaders',
  'bucketCollected',
  'gcPass',
];

const NONE = 'nobody listens';
const reference = { who: NONE };

/** The cost of listeners on a manager: while no event happens, and when every response is an event. */
export const listeners: Group = {
  name: 'listeners',
  about:
    'acquire + complete, one request after another in 1 bucket, with and without listeners on the manager. In the' +
    ' second table every response has a malformed header, which causes an event each time.',
  tables: [
    {
      title: 'nothing happens',
      unit: 'ns',
      reference,
      cases: [
        { who: NONE, measure: (effort) => timeRequests(effort, 0, false) },
        { who: 'one listens to each event', measure: (effort) => timeRequests(effort, 1, false) },
        { who: 'ten listen to each event', measure: (effort) => timeRequests(effort, 10, false) },
      ],
    },
    {
      title: 'an event with every answer',
      unit: 'ns',
      reference,
      cases: [
        { who: NONE, measure: (effort) => timeRequests(effort, 0, true) },
        { who: 'one listens to it', measure: (effort) => timeRequests(effort, 1, true) },
        { who: 'ten listen to it', measure: (effort) => timeRequests(effort, 10, true) },
      ],
    },
  ],
};

async function timeRequests(effort: Effort, count: number, isMalformed: boolean): Promise<number> {
  const operations = effort.size(BATCH);
  const manager = unlimitedManager();
  const heard = listen(manager, count);
  const server = new CountingServer();
  const [route] = messageRoutes(snowflakes(1)) as [CompiledRoute];
  const answers: LimitsSource[] = [];
  const time = await timeBatches(effort, {
    operations,
    prepare: () => {
      for (let index = 0; index < operations; index++)
        answers[index] = isMalformed ? malformed(server) : server.answer();
    },
    run: async () => {
      for (let index = 0; index < operations; index++) {
        const permit = await manager.acquire(route, AUTHORIZATION);
        permit.complete(answers[index] as LimitsSource);
      }
    },
  });
  if (isMalformed && heard.malformedHeaders < count * operations) throw new Error('The listeners were not called');
  return time;
}

/** A response whose numbers are valid, and whose instant is not. */
function malformed(server: CountingServer): LimitsSource {
  return { status: 200, headers: { ...wireHeaders(server.answer()), 'x-ratelimit-reset': 'soon' } };
}

function listen(manager: RESTBucketManager, count: number) {
  const heard = { malformedHeaders: 0 };
  for (const name of EVENTS) {
    for (let listener = 0; listener < count; listener++) {
      manager.on(name, (event: unknown) => {
        keep(event);
        if (name === 'malformedHeaders') heard.malformedHeaders++;
      });
    }
  }
  return heard;
}
