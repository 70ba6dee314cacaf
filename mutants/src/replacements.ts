import type { Change, SyntaxNode } from './syntax.js';

/** The texts that take the place of a node. */
export function replace(node: SyntaxNode, operator: string, ...texts: readonly string[]): Change[] {
  return texts.map((text) => ({ operator, start: node.start, end: node.end, text }));
}

/**
 * Exchanges the operator between two operands for others.
 *
 * @param operator As it is written.
 */
export function replaceBetween(
  source: string,
  [left, right]: readonly [SyntaxNode, SyntaxNode],
  operator: string,
  others: readonly string[],
  name: string,
): Change[] {
  const between = source.slice(left.end, right.start);
  const at = between.indexOf(operator);
  if (at < 0) return [];
  const start = left.end + at;
  return others.map((text) => ({ operator: name, start, end: start + operator.length, text }));
}

/** Other numbers in place of one: its neighbours, and one of another order of magnitude. */
export function otherNumbers(value: number): string[] {
  return [...new Set([value + 1, value - 1, value * 20])]
    .filter((other) => other !== value && Number.isFinite(other))
    .map((other) => (other < 0 ? `(${other})` : String(other)));
}
