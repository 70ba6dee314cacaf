// Makes sure that there is a redis-server (or valkey-server) on PATH for the tests that need a real one: installs it
// through the system's package manager where that needs no password, and says what to install where it does.
// Prints on standard error only. Nothing is left running: the tests start servers of their own.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const NAMES = ['redis-server', 'valkey-server'];
const OLDEST = [6, 2];
const WANTED = `Redis or Valkey, ${OLDEST.join('.')} or later (redis-server or valkey-server on PATH)`;

// Debian's package starts its service. These make systemd and the older init scripts refuse to.
const NO_SERVICE = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1' };
const APT = ['apt-get', '-qq', '-y', '-o', 'DPkg::Lock::Timeout=120'];

// What is tried, one after the other until there is a server. A manager that needs no root is run as who we are.
const MANAGERS = [
  {
    name: 'apt-get',
    env: NO_SERVICE,
    // The lists may be missing or older than the archive.
    commands: [
      [...APT, 'update'],
      [...APT, 'install', '--no-install-recommends', 'redis-server'],
      [...APT, 'install', '--no-install-recommends', 'valkey-server'],
    ],
    // The service stays installed, for who wants it, but does not start with the machine.
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

function output(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** The version of each server on PATH, as "Redis server v=7.0.15 sha=..." tells it. */
function servers() {
  return NAMES.flatMap((command) => {
    const version = /\bv=(\d+)\.(\d+)[.\d]*/.exec(output(command, '--version') ?? '');
    if (version === null) return [];
    const [major, minor] = [Number(version[1]), Number(version[2])];
    const isRecent = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
    return [{ command, version: version[0].slice(2), isRecent }];
  });
}

/** What to put before a command that only root may run; undefined where that would ask for a password. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return output('sudo', '-n', 'true') === undefined ? undefined : ['sudo', '-n'];
}

/** Runs a command; returns what it said if it failed. */
function run(prefix, env, command) {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  // Through env, as sudo does not pass on what is set here.
  const [file, ...args] = [...prefix, 'env', ...variables, ...command];
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return status === 0 ? '' : `${command.join(' ')}\n${stdout}${stderr}`;
}

function install({ name, env = {}, asUser = false, commands, after = [] }) {
  const prefix = asUser ? [] : asRoot();
  if (prefix === undefined) {
    throw new Error(`Install ${WANTED}: ${name} needs root, and there is no sudo without a password.`);
  }
  process.stderr.write(`Installing redis-server with ${name}...\n`);
  let failures = '';
  for (const command of commands) {
    failures += run(prefix, env, command);
    if (servers().length > 0) break;
  }
  for (const command of after) run(prefix, env, command);
  return failures;
}

function installAny() {
  if (process.platform === 'win32') {
    throw new Error(`Install ${WANTED}: on Windows, run this in WSL, as neither has a version of its own for Windows.`);
  }
  const manager = MANAGERS.find(({ name }) => output('sh', '-c', `command -v ${name}`) !== undefined);
  if (manager === undefined) throw new Error(`Install ${WANTED}: no known package manager is here to do it.`);
  const failures = install(manager);
  if (servers().length > 0) return;
  process.stderr.write(failures);
  throw new Error(`Install ${WANTED}: ${manager.name} could not, as it says above.`);
}

/**
 * Installs a server unless there is one. Returns its command and version; throws an Error of one sentence that says what
 * to install by hand.
 */
export function ensureRedisServer() {
  if (servers().length === 0) installAny();
  const found = servers();
  const usable = found.find(({ isRecent }) => isRecent);
  if (usable !== undefined) return { command: usable.command, version: usable.version };
  const [old] = found;
  throw new Error(`Install ${WANTED}: the ${old.command} on PATH is ${old.version}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    ensureRedisServer();
  } catch (error) {
    process.stderr.write(`\n${error.message}\n`);
    process.exit(1);
  }
}
