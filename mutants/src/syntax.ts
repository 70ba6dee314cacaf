/** A node of a syntax tree, of whichever language; `start` and `end` are offsets in its source. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** One small change of a source: the text from `start` to `end` becomes another. */
export interface Change {
  /** What kind of error it is. */
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What has to be known of a language to make small errors in it. */
export interface Language {
  /** @throws Error when the source cannot be parsed. */
  parse(source: string, file: string): SyntaxNode;
  /** Fields of a node, or whole nodes, in which no errors are made: types, for example. */
  isSkipped(node: SyntaxNode, field: string): boolean;
  /** What a function is called; `undefined` for a node that is none, or has no name. */
  nameOf(node: SyntaxNode, parent: SyntaxNode | undefined, source: string): string | undefined;
  /** All small errors in this very node, not in those below it. */
  changesOf(node: SyntaxNode, source: string): readonly Change[];
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** A child node that the grammar makes sure of. */
export function child(node: SyntaxNode, field: string): SyntaxNode {
  const value = node[field];
  if (!isNode(value)) throw new TypeError(`${node.type} has no ${field}`);
  return value;
}

/** The nodes in a field that holds a list of them. */
export function childrenIn(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** All nodes right below a node, but those that the language skips. */
export function childrenOf(node: SyntaxNode, language: Pick<Language, 'isSkipped'>): readonly SyntaxNode[] {
  const fields = Object.entries(node).filter(([field]) => !language.isSkipped(node, field));
  return fields.flatMap(([, value]) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
}
