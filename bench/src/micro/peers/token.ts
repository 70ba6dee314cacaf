/** A false token of the length of a bot's. */
export const TOKEN = 'x'.repeat(72);
