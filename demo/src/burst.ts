/** One request of the burst. */
export interface BurstRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly json?: unknown;
}

const GUILDS = 20;
const CHANNELS = 40;
const WEBHOOKS = 10;
const INTERACTIONS = 20;

function id(kind: number, index: number): string {
  return String(1_000_000_000_000_000_000n + BigInt(kind) * 1_000_000n + BigInt(index));
}

function times<T>(count: number, make: (index: number) => T[]): T[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat();
}

const APPLICATION = id(1, 0);
const MESSAGE = id(2, 0);

/** The first requests of a bot. */
function signIn(): BurstRequest[] {
  return [
    { method: 'GET', path: '/gateway/bot' },
    { method: 'GET', path: '/users/@me' },
    { method: 'PUT', path: `/applications/${APPLICATION}/commands`, json: [{ name: 'ping', description: 'Pong!' }] },
  ];
}

function guild(index: number): BurstRequest[] {
  const path = `/guilds/${id(3, index)}`;
  const roles = times<BurstRequest>(3, (member) => [
    { method: 'PUT', path: `${path}/members/${id(4, member)}/roles/${id(5, index)}` },
  ]);
  return [
    { method: 'GET', path },
    { method: 'GET', path: `${path}/channels` },
    { method: 'GET', path: `${path}/members?limit=1000` },
    ...roles,
  ];
}

function channel(index: number): BurstRequest[] {
  const messages = `/channels/${id(6, index)}/messages`;
  const greetings = times<BurstRequest>(3, (part) => [
    { method: 'POST', path: messages, json: { content: `Hello, part ${part}` } },
  ]);
  const reactions = ['👋', '🎉', 'sluice:1000000000000000007'].map<BurstRequest>((emoji) => ({
    method: 'PUT',
    path: `${messages}/${MESSAGE}/reactions/${encodeURIComponent(emoji)}/@me`,
  }));
  return [
    { method: 'GET', path: `${messages}?limit=50` },
    ...greetings,
    { method: 'PATCH', path: `${messages}/${MESSAGE}`, json: { content: 'Edited' } },
    ...reactions,
  ];
}

function webhook(index: number): BurstRequest[] {
  const path = `/webhooks/${id(8, index)}/${'w'.repeat(68)}`;
  return times(3, (part) => [{ method: 'POST', path, json: { content: `News, part ${part}` } }]);
}

function interaction(index: number): BurstRequest[] {
  const path = `/interactions/${id(9, index)}/aW50ZXJhY3Rpb246${'i'.repeat(80)}/callback`;
  return [{ method: 'POST', path, json: { type: 4, data: { content: 'Pong!' } } }];
}

/** All requests of a bot of some size at its start, in the order in which it makes them, resource by resource. */
export function startUpBurst(): BurstRequest[] {
  return [
    ...signIn(),
    ...times(GUILDS, guild),
    ...times(CHANNELS, channel),
    ...times(WEBHOOKS, webhook),
    ...times(INTERACTIONS, interaction),
  ];
}
