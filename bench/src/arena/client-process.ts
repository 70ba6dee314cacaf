// A client's process: loads the library, reports that it is ready, makes all requests at once on order, and reports the
// result.
import type { ArenaClient, CreateClient } from './clients/client.js';
import { loadClient } from './clients/roster.js';
import { FailureTally } from './failures.js';
import type { ClientState } from './measurement.js';
import { peakMemory } from './memory.js';
import type { ClientOrder, ClientReport } from './messages.js';
import type { ArenaRequest } from './scenario.js';

/** Often enough to show the progress of a client that hangs, and seldom enough to cost nothing. */
const PROGRESS_INTERVAL = 250;

/** Measures from its construction on. */
class Stopwatch {
  readonly #startBytes = process.memoryUsage.rss();
  readonly #startCPU = process.cpuUsage();
  readonly #startedAt = performance.now();
  readonly #failures = new FailureTally();
  #answered = 0;
  #newestEnd = this.#startedAt;

  async follow(client: ArenaClient, request: ArenaRequest, mark: number): Promise<void> {
    try {
      await client.send(request, mark);
      this.#answered++;
    } catch (error) {
      this.#failures.add(error);
    }
    this.#newestEnd = performance.now();
  }

  state(): ClientState {
    const { user, system } = process.cpuUsage(this.#startCPU);
    return {
      answered: this.#answered,
      failures: this.#failures.list(),
      drainMs: this.#newestEnd - this.#startedAt,
      cpuMs: (user + system) / 1_000,
      peakBytes: peakMemory(),
      startBytes: this.#startBytes,
    };
  }
}

function report(message: ClientReport, onSent: () => void = () => {}): void {
  process.send?.(message, onSent);
}

async function run(
  create: CreateClient,
  { origin, requests, firstMark = 0, redis, stays = false }: ClientOrder,
): Promise<void> {
  const stopwatch = new Stopwatch();
  const client = create(origin, redis);
  const progress = setInterval(() => report({ kind: 'progress', state: stopwatch.state() }), PROGRESS_INTERVAL);
  await Promise.all(requests.map((request, place) => stopwatch.follow(client, request, firstMark + place)));
  clearInterval(progress);
  const state = stopwatch.state();
  if (stays) return report({ kind: 'done', state });
  client.close();
  // Some libraries leave timers pending that would keep the process alive.
  report({ kind: 'done', state }, () => process.exit());
}

const [, , name] = process.argv;
if (name === undefined) throw new Error('A process of a client needs the name of the client as its argument');
const create = await loadClient(name);
process.on('disconnect', () => process.exit());
process.once('message', (order: ClientOrder) => void run(create, order));
report({ kind: 'ready' });
