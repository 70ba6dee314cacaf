/** Something that waits in line at a gate: the gate calls it when it may pass once. */
export interface TurnTaker {
  onTurn(): void;
  /** Slots of the global limit that it could use at once. */
  readonly slotDemand: number;
}
