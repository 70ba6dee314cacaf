const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Whether requests of an HTTP method, in capitals, change something, so that their order matters. */
export function isWrite(method: string): boolean {
  return WRITES.has(method);
}
