import { readFileSync } from 'node:fs';

/**
 * The most resident memory of this process so far, in bytes.
 *
 * What `process.resourceUsage()` says is no good on Linux: it begins with the memory of the process that started this
 * one. The kernel's own record begins with the program.
 */
export function peakMemory(): number {
  return highWaterMark() ?? process.resourceUsage().maxRSS * 1_024;
}

function highWaterMark(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}
