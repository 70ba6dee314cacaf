/** Tokens with the length and the characters of real ones. */
export const WEBHOOK_TOKEN = `${'Zx9_-kQ7'.repeat(8)}aB3d`;
export const INTERACTION_TOKEN = `aW50ZXJhY3Rpb246${'MTIzNDU2'.repeat(20)}`;
