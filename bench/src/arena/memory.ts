import { readFileSync } from 'node:fs';

/**
 * The peak resident memory of this process so far, in bytes.
 *
 * On Linux, `process.resourceUsage()` is useless for this: its record starts with the memory of the parent process. The
 * kernel's own record starts with the program.
 */
export function peakMemory(): number {
  return highWaterMark() ?? process.resourceUsage().maxRSS * 1_024;
}

function highWaterMark(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}
