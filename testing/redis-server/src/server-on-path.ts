import { spawnSync } from 'node:child_process';

const NAMES = ['redis-server', 'valkey-server'];
const OLDEST = [6, 2] as const;

export const REQUIREMENT = `Redis or Valkey, ${OLDEST.join('.')} or later`;

export interface ServerBinary {
  readonly command: string;
  readonly version: string;
}

/** The binary found for each value of PATH: asking for a version takes a process. */
const found = new Map<string | undefined, ServerBinary>();

/**
 * Finds the server on PATH: Redis, or else Valkey.
 *
 * @throws Error that says what to install.
 */
export function serverOnPath(): ServerBinary {
  const known = found.get(process.env.PATH);
  if (known !== undefined) return known;
  const servers = serversOnPath();
  const usable = servers.find(isRecent);
  if (usable === undefined) throw new Error(complaintAbout(servers));
  found.set(process.env.PATH, usable);
  return usable;
}

/** All servers on PATH, those that are too old included. */
export function serversOnPath(): ServerBinary[] {
  return NAMES.flatMap((command) => {
    const version = versionOf(command);
    return version === undefined ? [] : [{ command, version }];
  });
}

/** Reads "7.0.15" from "Redis server v=7.0.15 sha=…". */
function versionOf(command: string): string | undefined {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /\bv=(\d+\.\d+[.\d]*)/.exec(stdout)?.[1] : undefined;
}

function isRecent({ version }: ServerBinary): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function complaintAbout([old]: readonly ServerBinary[]): string {
  return old === undefined
    ? `There is no ${NAMES.join(' or ')} on PATH: install ${REQUIREMENT}.`
    : `The ${old.command} on PATH is ${old.version}: install ${REQUIREMENT}.`;
}
