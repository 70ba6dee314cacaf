import type { Run } from '../../src/arena/measurement.js';
import type { Report, ReportedScenario, Result } from '../../src/arena/report.js';
import { summarize } from '../../src/arena/summary.js';

/** A run without failures, except for the given values. */
export function run(differences: Partial<Run> = {}): Run {
  return {
    outcome: 'complete',
    answered: 10,
    failures: [],
    drainMs: 2_000,
    cpuMs: 100,
    peakBytes: 80_000_000,
    startBytes: 60_000_000,
    refusals: { user: 0, global: 0, unseen: 0, banned: 0 },
    invalid: 0,
    reordered: 0,
    ...differences,
  };
}

export function result(scenario: string, client: string, differences: Partial<Run> = {}): Result {
  const runs = [run(differences)];
  return { scenario, client, ...summarize(runs), runs };
}

export function scenario(name: string, differences: Partial<ReportedScenario> = {}): ReportedScenario {
  return {
    name,
    title: `The ${name}`,
    about: `All about ${name}.`,
    unavoidable: 0,
    deadline: 60_000,
    requests: 10,
    omniscientMs: 1_600,
    reachableMs: 2_000,
    ...differences,
  };
}

export function report(differences: Partial<Report> = {}): Report {
  return {
    format: 'sluice-arena-1',
    date: '2026-07-01T12:00:00.000Z',
    machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 8, system: 'linux 6 x64', node: '20.19.0', v8: '11.3' },
    flags: [],
    seed: 1,
    repeat: 3,
    clients: { sluice: '0.1.0', eris: '0.18.0' },
    scenarios: [scenario('burst')],
    results: [result('burst', 'sluice'), result('burst', 'eris')],
    ...differences,
  };
}
