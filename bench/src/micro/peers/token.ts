/** As long as a bot's token, and none. */
export const TOKEN = 'x'.repeat(72);
