export type { Clock, Timer, TimerOptions } from './clock/clock.js';
export { VirtualClock } from './clock/virtual-clock.js';
