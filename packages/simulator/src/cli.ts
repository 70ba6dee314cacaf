#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseCommandLine, USAGE, UsageError } from './command-line.js';
import { parseModelConfig, parseSimulatorOptions, type SimulatorOptions } from './config.js';
import { SimulatorConfigError, SimulatorListenError } from './errors.js';
import type { ModelConfig } from './model/discord-model.js';
import { startSimulator } from './server.js';

const EXIT_CANNOT_LISTEN = 1;
const EXIT_BAD_USAGE = 2;

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommandLine(args);
  if (command.kind === 'help') process.stdout.write(USAGE);
  else if (command.kind === 'version') process.stdout.write(`${version()}\n`);
  else await serve(checkOptions(command.options, command.routesFile));
}

async function serve(options: SimulatorOptions): Promise<void> {
  const simulator = await startSimulator(options);
  const stop = () => void simulator.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stdout.write(`Sluice simulator listening on ${simulator.url}\n`);
}

function checkOptions(options: Readonly<Record<string, unknown>>, routesFile: string | undefined): SimulatorOptions {
  return parseSimulatorOptions(routesFile === undefined ? options : { ...modelOptions(routesFile), ...options });
}

/** The file holds a list of route rules, or an object with any options of the model. Flags override it. */
function modelOptions(file: string): ModelConfig {
  const content = readJson(file);
  return parseModelConfig(Array.isArray(content) ? { routes: content } : (content as Partial<ModelConfig>));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

/** An error of use ends in one sentence. Any other error is a defect, and keeps its stack. */
function fail(error: unknown): void {
  const isUsage = error instanceof UsageError || error instanceof SimulatorConfigError;
  if (!isUsage && !(error instanceof SimulatorListenError)) throw error;
  process.stderr.write(`sluice-simulator: ${error.message}\n`);
  process.exitCode = isUsage ? EXIT_BAD_USAGE : EXIT_CANNOT_LISTEN;
}

await main(process.argv.slice(2)).catch(fail);
