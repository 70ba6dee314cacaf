import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { serverOnPath } from '../src/index.js';

const folders: string[] = [];

/** Makes PATH a folder of servers that only tell their version. */
function stubPath(servers: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-path-'));
  folders.push(folder);
  for (const [name, version] of Object.entries(servers)) {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho 'Server v=${version} sha=00000000:0'\n`);
    chmodSync(file, 0o755);
  }
  vi.stubEnv('PATH', folder);
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

it('prefers Redis to Valkey', () => {
  stubPath({ 'redis-server': '7.0.15', 'valkey-server': '8.1.0' });
  expect(serverOnPath()).toEqual({ command: 'redis-server', version: '7.0.15' });
});

it('takes Valkey where Redis is too old', () => {
  stubPath({ 'redis-server': '6.0.16', 'valkey-server': '8.1.0' });
  expect(serverOnPath()).toEqual({ command: 'valkey-server', version: '8.1.0' });
});

it('accepts the oldest version, 6.2', () => {
  stubPath({ 'redis-server': '6.2.0' });
  expect(serverOnPath().version).toBe('6.2.0');
});

it('refuses an older version', () => {
  stubPath({ 'redis-server': '6.0.16' });
  expect(() => serverOnPath()).toThrow('The redis-server on PATH is 6.0.16: install Redis or Valkey, 6.2 or later.');
});
