import luaparse from 'luaparse';
import { otherNumbers, replace, replaceBetween } from './replacements.js';
import { type Change, child, childrenIn, isNode, type Language, type SyntaxNode } from './syntax.js';

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['~='],
  '~=': ['=='],
};

const ARITHMETIC: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
};

const ROUNDINGS: Readonly<Record<string, string>> = { min: 'max', max: 'min', floor: 'ceil', ceil: 'floor' };

const OPERATORS: Readonly<Record<string, (node: SyntaxNode, source: string) => readonly Change[]>> = {
  BinaryExpression: binary,
  LogicalExpression: logical,
  UnaryExpression: unary,
  NumericLiteral: (node) => replace(node, 'number', ...otherNumbers(Number(node.value))),
  BooleanLiteral: (node) => replace(node, 'boolean', String(!node.value)),
  CallExpression: mathCall,
  IfClause: condition,
  ElseifClause: condition,
  WhileStatement: (node) => replace(child(node, 'condition'), 'condition', 'false'),
  AssignmentStatement: removed,
  CallStatement: removed,
  BreakStatement: removed,
  ReturnStatement: returned,
};

export const lua: Language = {
  parse(source, file) {
    try {
      const chunk = luaparse.parse(source, { luaVersion: '5.1', ranges: true, comments: false });
      return placed(chunk as unknown as RangedNode, source.length);
    } catch (error) {
      throw new Error(`${file} cannot be parsed: ${(error as Error).message}`, { cause: error });
    }
  },

  isSkipped: () => false,

  nameOf(node, _, source) {
    const { identifier } = node;
    return node.type === 'FunctionDeclaration' && isNode(identifier)
      ? source.slice(identifier.start, identifier.end)
      : undefined;
  },

  changesOf(node, source) {
    return OPERATORS[node.type]?.(node, source) ?? [];
  },
};

interface RangedNode {
  readonly type: string;
  readonly range?: readonly [number, number];
  readonly [field: string]: unknown;
}

/** The same tree with `start` and `end` in place of ranges. */
function placed(node: RangedNode, length: number): SyntaxNode {
  const fields = Object.entries(node).map(([field, value]) => [field, placedIn(value, length)] as const);
  const [start, end] = node.range ?? [0, length];
  return { ...Object.fromEntries(fields), type: node.type, start, end };
}

function placedIn(value: unknown, length: number): unknown {
  if (Array.isArray(value)) return value.map((item) => placedIn(item, length));
  return isNode(value) ? placed(value as unknown as RangedNode, length) : value;
}

/** An operand in brackets, as its node does not have those that stand around it. */
function bracketed({ start, end }: SyntaxNode, source: string): string {
  return `(${source.slice(start, end)})`;
}

function operandsOf(node: SyntaxNode): readonly [SyntaxNode, SyntaxNode] {
  return [child(node, 'left'), child(node, 'right')];
}

function binary(node: SyntaxNode, source: string): Change[] {
  const operator = String(node.operator);
  const isComparison = operator in COMPARISONS;
  const others = (isComparison ? COMPARISONS : ARITHMETIC)[operator] ?? [];
  return replaceBetween(source, operandsOf(node), operator, others, isComparison ? 'comparison' : 'arithmetic');
}

function logical(node: SyntaxNode, source: string): Change[] {
  const operator = String(node.operator);
  const operands = operandsOf(node);
  return [
    ...replaceBetween(source, operands, operator, [operator === 'and' ? 'or' : 'and'], 'and/or'),
    ...replace(node, 'side of and/or dropped', ...operands.map((operand) => bracketed(operand, source))),
  ];
}

function unary(node: SyntaxNode, source: string): Change[] {
  const operator = String(node.operator);
  if (operator !== 'not' && operator !== '-') return [];
  return replace(node, `${operator} dropped`, bracketed(child(node, 'argument'), source));
}

function mathCall(node: SyntaxNode, source: string): Change[] {
  const base = child(node, 'base');
  const name = /^math\.(\w+)$/.exec(source.slice(base.start, base.end))?.[1];
  const other = name && ROUNDINGS[name];
  if (other === undefined || other === '') return [];
  const values = childrenIn(node, 'arguments').map((argument) => bracketed(argument, source));
  return [...replace(base, 'math exchanged', `math.${other}`), ...replace(node, 'math dropped', ...values)];
}

function condition(node: SyntaxNode): Change[] {
  return replace(child(node, 'condition'), 'condition', 'true', 'false');
}

function removed(node: SyntaxNode): Change[] {
  // Lua 5.1 has no empty statement.
  return replace(node, 'statement removed', 'do end');
}

function returned(node: SyntaxNode): readonly Change[] {
  const [value, ...more] = childrenIn(node, 'arguments');
  if (value === undefined || more.length > 0) return [];
  if (value.type.endsWith('Literal') || value.type === 'Identifier') return [];
  const operator = String(value.operator ?? '');
  if (operator in ARITHMETIC) return replace(value, 'return constant', '0');
  return replace(value, 'return constant', 'false', 'true');
}
