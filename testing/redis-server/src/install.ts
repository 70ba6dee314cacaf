// Installs Redis or Valkey through the system's package manager where that needs no password, and says what to install
// where it does. All messages go to standard error.
import { spawnSync } from 'node:child_process';
import { REQUIREMENT, type ServerBinary, serverOnPath, serversOnPath } from './server-on-path.js';

type CommandLine = readonly [command: string, ...args: string[]];

interface PackageManager {
  readonly name: string;
  /** Whether it runs as the current user instead of root. Default: false. */
  readonly asUser?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Tried one after another until there is a server. */
  readonly commands: readonly CommandLine[];
  /** Run last, whatever happened before. */
  readonly after?: readonly CommandLine[];
}

const WANTED = `${REQUIREMENT} (redis-server or valkey-server on PATH)`;

// Debian's package starts its service. These variables make systemd and the older init scripts refuse to.
const NO_SERVICE = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1' };
const APT: CommandLine = ['apt-get', '-qq', '-y', '-o', 'DPkg::Lock::Timeout=120'];

const MANAGERS: readonly PackageManager[] = [
  {
    name: 'apt-get',
    env: NO_SERVICE,
    // The package lists may be missing, or older than the archive.
    commands: [
      [...APT, 'update'],
      [...APT, 'install', '--no-install-recommends', 'redis-server'],
      [...APT, 'install', '--no-install-recommends', 'valkey-server'],
    ],
    // The service stays installed, but does not start with the machine.
    after: [['systemctl', 'disable', 'redis-server', 'valkey-server']],
  },
  {
    name: 'apk',
    commands: [
      ['apk', 'add', '--quiet', '--no-cache', 'redis'],
      ['apk', 'add', '--quiet', '--no-cache', 'valkey'],
    ],
  },
  {
    name: 'dnf',
    commands: [
      ['dnf', 'install', '-q', '-y', 'redis'],
      ['dnf', 'install', '-q', '-y', 'valkey'],
    ],
  },
  {
    name: 'yum',
    commands: [
      ['yum', 'install', '-q', '-y', 'redis'],
      ['yum', 'install', '-q', '-y', 'valkey'],
    ],
  },
  {
    name: 'pacman',
    commands: [
      ['pacman', '-S', '-q', '--noconfirm', '--needed', 'valkey'],
      ['pacman', '-Sy', '-q', '--noconfirm', '--needed', 'valkey'],
    ],
  },
  {
    name: 'brew',
    asUser: true,
    commands: [
      ['brew', 'install', '--quiet', 'redis'],
      ['brew', 'install', '--quiet', 'valkey'],
    ],
  },
];

/**
 * Installs a server unless there is one on PATH.
 *
 * @throws Error whose one sentence says what to install by hand.
 */
export function ensureRedisServer(): ServerBinary {
  if (serversOnPath().length === 0) installAny();
  return serverOnPath();
}

function installAny(): void {
  if (process.platform === 'win32') {
    throw new Error(`Install ${WANTED}: neither runs on Windows itself, so run this in WSL.`);
  }
  const manager = MANAGERS.find(({ name }) => succeeds(['sh', '-c', `command -v ${name}`]));
  if (manager === undefined) throw new Error(`Install ${WANTED}: this machine has no package manager known to Sluice.`);
  const failures = install(manager);
  if (serversOnPath().length > 0) return;
  process.stderr.write(failures);
  throw new Error(`Install ${WANTED}: ${manager.name} failed, see its output above.`);
}

/** Returns the output of the commands that failed. */
function install({ name, env = {}, asUser = false, commands, after = [] }: PackageManager): string {
  const prefix = asUser ? [] : asRoot();
  if (prefix === undefined) {
    throw new Error(`Install ${WANTED}: ${name} needs root, and sudo asks for a password.`);
  }
  process.stderr.write(`Installing redis-server with ${name}...\n`);
  let failures = '';
  for (const command of commands) {
    failures += run(prefix, env, command);
    if (serversOnPath().length > 0) break;
  }
  for (const command of after) run(prefix, env, command);
  return failures;
}

/** The words before a command that only root may run; undefined where sudo would ask for a password. */
function asRoot(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return succeeds(['sudo', '-n', 'true']) ? ['sudo', '-n'] : undefined;
}

/** Returns the output of a command that failed, and an empty string for one that succeeded. */
function run(prefix: readonly string[], env: Readonly<Record<string, string>>, command: CommandLine): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  // Through env, because sudo does not pass variables on.
  const [file = 'env', ...args] = [...prefix, 'env', ...variables, ...command];
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return status === 0 ? '' : `${command.join(' ')}\n${stdout}${stderr}`;
}

function succeeds([command, ...args]: CommandLine): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
