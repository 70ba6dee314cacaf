/** The network between the bots and the simulated Discord: mean round trip and spread, in ms. */
export const NETWORK = { rtt: 60, jitter: 20 };
