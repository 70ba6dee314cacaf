import { FLEET_CLIENT_NAMES } from '../clients/roster.js';
import { type Command, parseCommandLine, UsageError } from '../command-line.js';
import { FLEET_SCENARIOS, FLEET_SMOKE } from './fleet-scenarios.js';
import { FLEET_SMOKE_CLIENTS, fleetProblems } from './fleet-smoke.js';
import { fleetMarkdown } from './fleet-table.js';
import { type FleetPlan, holdFleets } from './fleet-tournament.js';

const NAMES = { clients: FLEET_CLIENT_NAMES, scenarios: FLEET_SCENARIOS.map(({ name }) => name) };

const HELP = `npm run arena -- fleet [flags]

Sends the same requests through eight processes of each client on one token, to one simulated Discord, and compares them.

  --clients a,b      only these clients
  --scenarios a,b    only these scenarios
  --repeat N         runs of each, 1 to 100; default 3
  --seed N           the simulator's seed; default 1
  --json             prints one JSON document instead of tables
  --smoke            a few seconds, to check that it works; exit code 1 if it does not
  --help             prints this text

Clients: ${NAMES.clients.join(', ')}
Scenarios: ${NAMES.scenarios.join(', ')}
`;

/**
 * @param args - the arguments after `fleet` on the command line
 * @returns the exit code
 */
export async function executeFleet(args: readonly string[], note: (text: string) => void): Promise<number> {
  const command = parseCommandLine(args, NAMES);
  if (command.kind === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const report = await holdFleets(planOf(command, args), note);
  process.stdout.write(command.json ? `${JSON.stringify(report, undefined, 2)}\n` : fleetMarkdown(report));
  const problems = command.kind === 'smoke' ? fleetProblems(report) : [];
  for (const problem of problems) note(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

function planOf(command: Exclude<Command, { readonly kind: 'help' }>, flags: readonly string[]): FleetPlan {
  if (command.kind === 'render') throw new UsageError('--from has no meaning for a fleet');
  if (command.svg !== undefined) throw new UsageError('--svg has no meaning for a fleet');
  const { seed } = command;
  if (command.kind === 'smoke') {
    const clients = command.clients ?? FLEET_SMOKE_CLIENTS;
    return { clients, scenarios: [FLEET_SMOKE], repeat: 1, seed, flags };
  }
  const scenarios = FLEET_SCENARIOS.filter(({ name }) => command.scenarios.includes(name));
  return { clients: command.clients, scenarios, repeat: command.repeat, seed, flags };
}
