import { Cluster, Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startCluster } from './cluster.js';

it('takes keys in all slots, each where it belongs', async () => {
  await using cluster = await startCluster({ primaries: 3 });
  expect(cluster.nodes).toHaveLength(3);

  const client = new Cluster([...cluster.nodes]);
  const keys = Array.from({ length: 60 }, (_, index) => `key:${index}`);
  try {
    await Promise.all(keys.map((key) => client.set(key, key)));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
    const sizes = await Promise.all(client.nodes('master').map((node) => node.dbsize()));
    expect([sizes.length, sizes.every((size) => size > 0), sizes.reduce((sum, size) => sum + size)]).toEqual([
      3,
      true,
      keys.length,
    ]);
  } finally {
    client.disconnect();
  }

  // CLUSTER KEYSLOT key:0 is 2592, of the first third.
  const stranger = new Redis(cluster.servers[2]?.url ?? '');
  await expect(stranger.get('key:0')).rejects.toThrow(`MOVED 2592 127.0.0.1:${cluster.nodes[0]?.port}`);
  stranger.disconnect();
});
