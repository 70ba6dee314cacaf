import { startSimulator } from '@sluice/simulator';
import type { SimulatorReport } from './messages.js';
import { NETWORK } from './network.js';

// Whoever started this process is gone: so is the use of it.
process.once('disconnect', () => process.exit());
const { url } = await startSimulator({ ...NETWORK, journalSize: 100_000 });
process.send?.({ kind: 'ready', url } satisfies SimulatorReport);
