/** The network between the bots and the simulated Discord: a mean round trip, and how much it varies, in ms. */
export const NETWORK = { rtt: 60, jitter: 20 };
