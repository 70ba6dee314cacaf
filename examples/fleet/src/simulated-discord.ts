import { startSimulator } from '@sluice/simulator';
import type { SimulatorReport } from './messages.js';
import { NETWORK } from './network.js';

// The parent process has ended, and nothing needs this one any more.
process.once('disconnect', () => process.exit());
const { url } = await startSimulator({ ...NETWORK, journalSize: 100_000 });
process.send?.({ kind: 'ready', url } satisfies SimulatorReport);
