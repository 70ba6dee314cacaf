import { describe, expect, it } from 'vitest';
import { CredentialLocks } from '../../src/gates/credential-locks.js';
import { Route } from '../../src/index.js';
import { WEBHOOK_TOKEN } from '../routes/tokens.js';

const MESSAGES = Route.match('POST', '/channels/1/messages');
const WEBHOOK = Route.match('POST', `/webhooks/1/${WEBHOOK_TOKEN}`);
const OTHER_WEBHOOK = Route.match('POST', `/webhooks/2/${WEBHOOK_TOKEN}`);

describe('CredentialLocks', () => {
  it('keeps a bounded number of locks, and forgets the oldest', () => {
    const locks = new CredentialLocks();
    const webhook = (id: number) => Route.match('POST', `/webhooks/${id}/${WEBHOOK_TOKEN}`);
    for (let id = 0; id <= 10_000; id++) {
      locks.lockAuthorization(String(id));
      locks.lockWebhook(webhook(id).majorParamHash, 600_000, 0);
    }
    const isLocked = (id: number) => [
      locks.errorFor(String(id), MESSAGES, 0) !== undefined,
      locks.errorFor('none', webhook(id), 0) !== undefined,
    ];
    expect([0, 1, 10_000].map(isLocked)).toEqual([
      [false, false],
      [true, true],
      [true, true],
    ]);
  });

  it('forgets locks that have ended', () => {
    const locks = new CredentialLocks();
    locks.lockWebhook(WEBHOOK.majorParamHash, 100, 0);
    locks.lockWebhook(OTHER_WEBHOOK.majorParamHash, 200, 100);
    expect([locks.unlockWebhook(WEBHOOK.majorParamHash, 100), locks.isEmpty]).toEqual([false, false]);
    locks.expire(200);
    expect(locks.isEmpty).toBe(true);
  });
});
