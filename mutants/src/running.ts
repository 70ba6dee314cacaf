import { spawn } from 'node:child_process';

/** How a command ended. */
export interface Ended {
  /** `undefined` when it took too long, or was killed. */
  readonly code: number | undefined;
  readonly isTooLong: boolean;
  /** The last of what it printed. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** After so many ms it is killed, with all that it has started. */
  readonly timeout: number;
}

const KEPT_OUTPUT = 20_000;

const living = new Set<number>();

/** Kills all that still runs. */
export function killAll(): void {
  for (const pid of living) killGroup(pid);
}

/** Runs a program of Node.js in a group of processes of its own. */
export function runNode(args: readonly string[], { cwd, env, timeout }: RunOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) living.add(pid);
    let output = '';
    let isTooLong = false;
    const keep = (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const timer = setTimeout(() => {
      isTooLong = true;
      if (pid !== undefined) killGroup(pid);
    }, timeout);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      // Servers that its tests have started may outlive it.
      if (pid !== undefined) {
        killGroup(pid);
        living.delete(pid);
      }
      resolve({ code: code ?? undefined, isTooLong, output });
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
