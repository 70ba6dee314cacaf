import type { LimitedRule, RouteRule, UnlimitedRule } from './model/routes.js';

const TEN_MINUTES = 600_000;
const HOUR = 3_600_000;
/** The start of every interaction token: base64 of `interaction:`. */
const INTERACTION_TOKEN = 'aW50ZXJhY3Rpb246';

const NO_CONTENT = { status: 204 };

type Limits = Pick<LimitedRule, 'limit' | 'period' | 'window'>;
type Exceptions = Pick<RouteRule, 'exempt' | 'messageAge' | 'status'>;
type Unseen = Pick<LimitedRule, 'subLimits' | 'hidden'>;

/**
 * Limits that resemble Discord's in shape, sharing and order of magnitude, as users measured them. Discord publishes no
 * such table and changes its numbers, so no client may rely on one of them.
 */
export const DEFAULT_ROUTES: readonly RouteRule[] = [
  // Messages. The limits of deletion are those reported in discord-api-docs #8330 (2026-05).
  limited('DELETE', '/channels/{channel}/messages/{message}', sliding(5, 1_000), '9a4e05a217afd885787cb9f6f7d71853', {
    ...NO_CONTENT,
    messageAge: 'young',
  }),
  limited('DELETE', '/channels/{channel}/messages/{message}', sliding(30, 4_000), 'b5e35274c6fd5cfec77fe9bfaf059ad6', {
    ...NO_CONTENT,
    messageAge: 'old',
  }),
  limited(
    'DELETE',
    '/channels/{channel}/messages/{message}',
    sliding(3, 333),
    'c51d12acd501bc2e6c76ab191408bd45',
    NO_CONTENT,
  ),
  limited('POST', '/channels/{channel}/messages', sliding(5, 5_000), '26a3f7f021e87f3ba0089624e2714cd9'),
  limited('GET', '/channels/{channel}/messages', sliding(5, 1_000), '5e4ee0278f1b18e5e5f772128506ef70'),
  limited(
    'POST',
    '/channels/{channel}/messages/bulk-delete',
    fixed(1, 3_000),
    '086657ee6d5034d7fbbf85d5ca491ffb',
    NO_CONTENT,
  ),
  limited('GET', '/channels/{channel}/messages/pins', fixed(5, 5_000), 'fec316615ffbcd02683dad5610c44023'),
  limited(
    'PUT DELETE',
    '/channels/{channel}/messages/pins/{message}',
    fixed(5, 20_000),
    'f5538d9fd441253d568d3a349c64c329',
    NO_CONTENT,
  ),
  limited('GET', '/channels/{channel}/messages/{message}', sliding(30, 30_000), '6d046de240aff00ec49cd08f2d1ad8be'),
  limited('PATCH', '/channels/{channel}/messages/{message}', sliding(5, 5_000), '6f266c3ac18fb88c434c46b5c76a4897'),
  limited(
    'POST',
    '/channels/{channel}/messages/{message}/crosspost',
    fixed(10, 3_600_000),
    'f13afec4a25ab4e1d01bf79f4cf065a4',
  ),
  limited(
    'POST',
    '/channels/{channel}/messages/{message}/threads',
    fixed(50, 300_000),
    'db8f6cebbf9449f83ec7900ebaa6aad7',
  ),

  // Adding and removing reactions share one counter (#981).
  limited(
    'PUT DELETE',
    '/channels/{channel}/messages/{message}/reactions/{rest*}',
    sliding(1, 250),
    'e952c80897e7494f02105f06edad4f90',
    NO_CONTENT,
  ),
  limited(
    'DELETE',
    '/channels/{channel}/messages/{message}/reactions',
    sliding(1, 250),
    'e952c80897e7494f02105f06edad4f90',
    NO_CONTENT,
  ),
  limited(
    'GET',
    '/channels/{channel}/messages/{message}/reactions/{emoji}',
    fixed(5, 5_000),
    'ce039573675fb4369f9d08eb0d01a738',
  ),

  // Channels.
  limited('POST', '/channels/{channel}/typing', fixed(5, 5_000), '686768f7a9e4e834405f4a13153ba242', NO_CONTENT),
  limited('GET', '/channels/{channel}', sliding(30, 30_000), 'f47c34bd0c39f157876c72a4be1e0289'),
  // Changes of name and topic have separate limits, which no header shows (#2190).
  limited('PATCH', '/channels/{channel}', fixed(10, 15_000), 'cae649eb4118d24638ec5f9afb508af9', {
    subLimits: [
      { fields: ['name'], limit: 2, period: TEN_MINUTES },
      { fields: ['topic'], limit: 2, period: TEN_MINUTES },
    ],
  }),
  limited('DELETE', '/channels/{channel}', fixed(10, 10_000), 'ca7207a322fddeef84fe035482d22ff0'),
  limited(
    'PUT DELETE',
    '/channels/{channel}/permissions/{overwrite}',
    fixed(10, 15_000),
    'aba4cad5fb31d75d3f2c9d19ab61f8cf',
    NO_CONTENT,
  ),
  limited('GET POST', '/channels/{channel}/invites', fixed(5, 15_000), 'fd9ce9ad1774439b63b5f57b92d58c8a'),
  limited('POST', '/channels/{channel}/threads', fixed(50, 300_000), 'a145653b386aa1767a4b6cf20cde9f3f'),
  limited(
    'PUT DELETE',
    '/channels/{channel}/thread-members/{user}',
    sliding(5, 5_000),
    '4a1632b7ac90d83c186b2743da4a812e',
    NO_CONTENT,
  ),
  limited('GET POST', '/channels/{channel}/webhooks', sliding(5, 5_000), 'bf530f652b6f003341b2f5680eb9d7b5'),

  // Guilds.
  limited('GET', '/guilds/{guild}', sliding(30, 30_000), '64150dcbd6697aeba6a9b796fe212030'),
  limited('PATCH', '/guilds/{guild}', fixed(2, 10_000), '31a1ba4e810ed553810826673e68b539'),
  limited('GET', '/guilds/{guild}/channels', sliding(20, 20_000), 'e2953fea0925ce0674519d4b2a81d5e0'),
  limited('POST', '/guilds/{guild}/channels', fixed(20, 20_000), '25d32aab4b57dec5c30cb0e3d5cf5db1'),
  limited('PATCH', '/guilds/{guild}/channels', fixed(5, 15_000), '60a4fb704acf37b10551b58a91f009fb', NO_CONTENT),
  limited('GET', '/guilds/{guild}/members', fixed(10, 10_000), 'd231fe0f6840cae1d7299ec7b02831b7'),
  limited('GET', '/guilds/{guild}/members/search', fixed(10, 10_000), '94136896a47902961a006d313ea014cf'),
  limited('GET', '/guilds/{guild}/members/{user}', sliding(5, 1_000), 'b011f3b4450195a7aa1ed0adab444b63'),
  limited('PATCH', '/guilds/{guild}/members/{user}', fixed(10, 10_000), '157534c11e79406108668a97b63ae0f4'),
  limited('DELETE', '/guilds/{guild}/members/{user}', fixed(5, 1_000), '7f724c3a063fadfaf2076e7e2ebf9cf0', NO_CONTENT),
  limited(
    'PUT DELETE',
    '/guilds/{guild}/members/{user}/roles/{role}',
    fixed(10, 10_000),
    '93a5129db04ea98c33832475a6c5317f',
    NO_CONTENT,
  ),
  limited('GET', '/guilds/{guild}/roles', sliding(20, 20_000), 'a538c57ccfac82636cf98c2bcc3e917a'),
  limited('POST', '/guilds/{guild}/roles', fixed(250, 48 * HOUR), '122f991668899ecb3c0a552b10ef8abb'),
  limited('PATCH', '/guilds/{guild}/roles', fixed(5, 10_000), '11051f0768b7d033030b396b39117ac9'),
  limited('PATCH', '/guilds/{guild}/roles/{role}', fixed(1_000, 24 * HOUR), '585a74daee7ea6c3bc61f07d6bec8036'),
  limited('DELETE', '/guilds/{guild}/roles/{role}', fixed(30, 15_000), '2b264f729ecd09a3309fe1abdf90c447', NO_CONTENT),
  limited('GET', '/guilds/{guild}/bans', fixed(5, 5_000), '457ef4e5bd385bef3702181512227803'),
  limited('GET', '/guilds/{guild}/bans/{user}', sliding(50, 5_000), 'bbac693fec649cab0a2b2ab67f4decda'),
  limited('PUT DELETE', '/guilds/{guild}/bans/{user}', fixed(5, 1_000), '4ffc9ad2183cb68cc2d8f5f3c6275f01', NO_CONTENT),
  limited('GET', '/guilds/{guild}/emojis', fixed(30, 30_000), 'cdf7e968f28be4810fa0afe3c1bb3322'),
  limited('POST', '/guilds/{guild}/emojis', fixed(50, HOUR), 'a12997bb4d43f1b8721fac72d8f34fd4'),
  limited('GET', '/guilds/{guild}/audit-logs', sliding(5, 5_000), '9ded6503b809a2fcb59cf34ba990d752'),

  // Webhooks. Calls with an interaction token use the application's id, and are exempt from the global limit.
  limited(
    'POST',
    `/webhooks/{webhook}/${INTERACTION_TOKEN}{token}`,
    fixed(5, 2_000),
    '7cb67f73fcc28c75220fd8cb7b83b2a5',
    { exempt: true },
  ),
  limited(
    'GET PATCH',
    `/webhooks/{webhook}/${INTERACTION_TOKEN}{token}/messages/{message}`,
    fixed(5, 2_000),
    'e7b39c82e365b048289c86968e4dc631',
    { exempt: true },
  ),
  limited(
    'DELETE',
    `/webhooks/{webhook}/${INTERACTION_TOKEN}{token}/messages/{message}`,
    fixed(5, 2_000),
    'e7b39c82e365b048289c86968e4dc631',
    { ...NO_CONTENT, exempt: true },
  ),
  limited('GET PATCH', '/webhooks/{webhook}', fixed(5, 5_000), 'ea6ba1ee55ca6a103b643d8d24e5204f'),
  limited('DELETE', '/webhooks/{webhook}', fixed(5, 5_000), '038b80f358ec5b059ef7072dfe21a976', NO_CONTENT),
  // The hidden limit belongs to the channel (#4043). No path names the channel, so each webhook counts as its own
  // channel.
  limited('POST', '/webhooks/{webhook}/{token}', fixed(5, 2_000), '5df00bff8ccb534eef9fb2ae8e46ce5e', {
    hidden: { limit: 30, period: 60_000, by: ['webhook'] },
  }),
  limited('GET PATCH', '/webhooks/{webhook}/{token}', fixed(5, 5_000), '6f01822ce3332d029fee0608e197fe14'),
  limited(
    'GET PATCH',
    '/webhooks/{webhook}/{token}/messages/{message}',
    fixed(5, 5_000),
    '242de7a4e542cb3d9a271df139b7b670',
  ),
  limited(
    'DELETE',
    '/webhooks/{webhook}/{token}/messages/{message}',
    fixed(5, 5_000),
    '242de7a4e542cb3d9a271df139b7b670',
    NO_CONTENT,
  ),

  // Interactions have neither a bucket nor the global limit.
  unlimited('POST', '/interactions/{interaction}/{token}/callback', { ...NO_CONTENT, exempt: true }),

  // Users and the gateway.
  limited('GET', '/gateway/bot', fixed(2, 5_000), '8efab8667d0013cb562837ad4f2fb082'),
  limited('GET', '/users/@me', sliding(30, 30_000), '650a20a5af03af94cde56c7b7275f555'),
  limited('PATCH', '/users/@me', fixed(2, HOUR), '41c6c87ef57d078aa424c5ff20f4452a'),
  limited('GET', '/users/@me/guilds', fixed(1, 1_000), '295e627218352aed83498af469a4cc64'),
  limited('POST', '/users/@me/channels', fixed(10, 10_000), 'b10ae1829cc53c814e1931fbbb6ee3f2'),
  limited('GET', '/users/{user}', sliding(30, 30_000), 'd89b5ad595077860c694ea9e0c82e8b5'),

  // Application commands. `guild` is a major parameter here, too.
  limited('GET', '/applications/{application}/commands', sliding(5, 5_000), '7e5775c6449005dbe7cc0a773f95fcb0'),
  limited('POST', '/applications/{application}/commands', fixed(5, 20_000), 'c7b85b9e2f48ddc3f3f781cbd6bed3d0'),
  limited('PUT', '/applications/{application}/commands', fixed(2, 60_000), '26091ae65b51155691c4349d5259173d'),
  limited(
    'GET PATCH',
    '/applications/{application}/commands/{command}',
    fixed(5, 5_000),
    'b3942be045988611ae45f6193cc75ebf',
  ),
  limited(
    'DELETE',
    '/applications/{application}/commands/{command}',
    fixed(5, 5_000),
    'b3942be045988611ae45f6193cc75ebf',
    NO_CONTENT,
  ),
  limited(
    'GET',
    '/applications/{application}/guilds/{guild}/commands',
    sliding(5, 5_000),
    'e6be55dcd3faf0dd3ace5e7f0834d296',
  ),
  limited(
    'POST',
    '/applications/{application}/guilds/{guild}/commands',
    fixed(5, 20_000),
    'c240a0c65335f9b4cb0e84aed582e95e',
  ),
  limited(
    'PUT',
    '/applications/{application}/guilds/{guild}/commands',
    fixed(2, 60_000),
    'c55bd6e5d4ed6e741face4cc58e3f891',
  ),
  limited(
    'GET PATCH',
    '/applications/{application}/guilds/{guild}/commands/{command}',
    fixed(5, 5_000),
    '3e2559082a7fc983bae8c1ab4a34688a',
  ),
  limited(
    'DELETE',
    '/applications/{application}/guilds/{guild}/commands/{command}',
    fixed(5, 5_000),
    '3e2559082a7fc983bae8c1ab4a34688a',
    NO_CONTENT,
  ),

  // Routes whose responses carry no rate-limit headers.
  unlimited('GET', '/gateway'),
  unlimited('GET', '/voice/regions'),
  unlimited('GET', '/sticker-packs'),
  unlimited('GET', '/applications/@me'),
  unlimited('GET', '/oauth2/applications/@me'),
];

function fixed(limit: number, period: number): Limits {
  return { limit, period, window: 'fixed' };
}

function sliding(limit: number, period: number): Limits {
  return { limit, period, window: 'sliding' };
}

/** @param methods - separated by spaces */
function limited(
  methods: string,
  path: string,
  limits: Limits,
  bucket: string,
  exceptions?: Exceptions & Unseen,
): LimitedRule {
  return { methods: methods.split(' '), path, bucket, ...limits, ...exceptions };
}

function unlimited(methods: string, path: string, exceptions?: Exceptions): UnlimitedRule {
  return { methods: methods.split(' '), path, bucket: null, ...exceptions };
}
