import { arch, cpus, platform, release, totalmem } from 'node:os';

/** The machine and the runtime of a measurement. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
}

/** The machine of this process. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** A machine in one line. */
export function describeMachine({ cpu, cores, memoryGiB, system, node, v8 }: Machine): string {
  return `Node ${node} (V8 ${v8}), ${system}, ${cores} × ${cpu}, ${memoryGiB} GiB`;
}
