import { parseSync } from 'oxc-parser';
import { otherNumbers, replace, replaceBetween } from './replacements.js';
import { type Change, child, childrenIn, isNode, type Language, type SyntaxNode } from './syntax.js';

const TYPE_FIELDS = new Set([
  'typeAnnotation',
  'returnType',
  'typeParameters',
  'typeArguments',
  'superTypeArguments',
  'implements',
  'decorators',
]);

/** Nodes of TypeScript alone that hold an expression of JavaScript. */
const WRAPPERS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression']);

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
};

const ARITHMETIC: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '|': ['&'],
  '&': ['|'],
  '<<': ['>>'],
  '>>': ['<<'],
};

const ASSIGNMENTS: Readonly<Record<string, readonly string[]>> = {
  '+=': ['-=', '='],
  '-=': ['+=', '='],
  '*=': ['/='],
  '/=': ['*='],
  '??=': ['='],
};

const ROUNDINGS: Readonly<Record<string, string>> = { min: 'max', max: 'min', floor: 'ceil', ceil: 'floor' };

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

const OPERATORS: Readonly<Record<string, (node: SyntaxNode, source: string) => readonly Change[]>> = {
  BinaryExpression: binary,
  LogicalExpression: logical,
  UnaryExpression: unary,
  UpdateExpression: update,
  AssignmentExpression: assignment,
  Literal: literal,
  MemberExpression: infinite,
  CallExpression: mathCall,
  IfStatement: condition,
  ConditionalExpression: condition,
  WhileStatement: loop,
  ExpressionStatement: expressionStatement,
  ThrowStatement: removed,
  BreakStatement: removed,
  ContinueStatement: removed,
  ReturnStatement: returned,
  ArrowFunctionExpression: functionBody,
  FunctionExpression: functionBody,
  FunctionDeclaration: functionBody,
  AssignmentPattern: defaultValue,
};

export const typescript: Language = {
  parse(source, file) {
    const { program, errors } = parseSync(file, source);
    if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
    return program as unknown as SyntaxNode;
  },

  isSkipped(node, field) {
    if (node.type.startsWith('Import') || node.type === 'ExportAllDeclaration') return true;
    if (node.type.startsWith('TS')) return !(WRAPPERS.has(node.type) && field === 'expression');
    return TYPE_FIELDS.has(field);
  },

  nameOf(node, parent, source) {
    if (node.type === 'MethodDefinition' || node.type === 'PropertyDefinition')
      return textOf(child(node, 'key'), source);
    if (node.type.startsWith('Class') && isNode(node.id)) return textOf(node.id, source);
    if (!FUNCTIONS.has(node.type)) return undefined;
    if (isNode(node.id)) return textOf(node.id, source);
    return parent?.type === 'VariableDeclarator' ? identifierIn(child(parent, 'id')) : undefined;
  },

  changesOf(node, source) {
    return OPERATORS[node.type]?.(node, source) ?? [];
  },
};

function textOf({ start, end }: SyntaxNode, source: string): string {
  return source.slice(start, end);
}

function identifierIn(node: SyntaxNode): string | undefined {
  return typeof node.name === 'string' ? node.name : undefined;
}

function operandsOf(node: SyntaxNode): readonly [SyntaxNode, SyntaxNode] {
  return [child(node, 'left'), child(node, 'right')];
}

function binary(node: SyntaxNode, source: string): Change[] {
  const operator = String(node.operator);
  const operands = operandsOf(node);
  if (operator in COMPARISONS) {
    return replaceBetween(source, operands, operator, COMPARISONS[operator] ?? [], 'comparison');
  }
  if (operands.some(isText)) return [];
  return replaceBetween(source, operands, operator, ARITHMETIC[operator] ?? [], 'arithmetic');
}

function isText(node: SyntaxNode): boolean {
  return node.type === 'TemplateLiteral' || typeof node.value === 'string';
}

function logical(node: SyntaxNode, source: string): Change[] {
  const operator = String(node.operator);
  const operands = operandsOf(node);
  const sides = operands.map((operand) => textOf(operand, source));
  if (operator === '??') return replace(node, '?? dropped', ...sides);
  const other = operator === '&&' ? '||' : '&&';
  return [
    ...replaceBetween(source, operands, operator, [other], 'and/or'),
    ...replace(node, 'side of and/or dropped', ...sides),
  ];
}

function unary(node: SyntaxNode, source: string): Change[] {
  const operator = String(node.operator);
  if (operator !== '!' && operator !== '-') return [];
  return replace(node, `${operator} dropped`, textOf(child(node, 'argument'), source));
}

function update(node: SyntaxNode, source: string): Change[] {
  const text = textOf(node, source);
  const swapped = node.operator === '++' ? text.replace('++', '--') : text.replace('--', '++');
  return replace(node, 'arithmetic', swapped);
}

function assignment(node: SyntaxNode, source: string): Change[] {
  const operator = String(node.operator);
  return replaceBetween(source, operandsOf(node), operator, ASSIGNMENTS[operator] ?? [], 'arithmetic');
}

function literal(node: SyntaxNode): Change[] {
  const { value } = node;
  if (typeof value === 'boolean') return replace(node, 'boolean', String(!value));
  return typeof value === 'number' ? replace(node, 'number', ...otherNumbers(value)) : [];
}

function infinite(node: SyntaxNode, source: string): Change[] {
  return /^Number\.(POSITIVE|NEGATIVE)_INFINITY$/.test(textOf(node, source)) ? replace(node, 'number', '0') : [];
}

function mathCall(node: SyntaxNode, source: string): Change[] {
  const callee = child(node, 'callee');
  const name = /^Math\.(\w+)$/.exec(textOf(callee, source))?.[1];
  const other = name && ROUNDINGS[name];
  if (other === undefined || other === '') return [];
  const values = childrenIn(node, 'arguments').map((argument) => textOf(argument, source));
  const dropped = values.filter((value) => !value.startsWith('...')).map((value) => `(${value})`);
  return [...replace(callee, 'Math exchanged', `Math.${other}`), ...replace(node, 'Math dropped', ...dropped)];
}

function condition(node: SyntaxNode): Change[] {
  return replace(child(node, 'test'), 'condition', 'true', 'false');
}

function loop(node: SyntaxNode): Change[] {
  return replace(child(node, 'test'), 'condition', 'false');
}

function expressionStatement(node: SyntaxNode): Change[] {
  return typeof node.directive === 'string' ? [] : removed(node);
}

function removed(node: SyntaxNode): Change[] {
  return replace(node, 'statement removed', ';');
}

function returned(node: SyntaxNode): readonly Change[] {
  const { argument } = node;
  return isNode(argument) ? constants(argument) : removed(node);
}

/** Constants in place of what is returned, by the look of it. */
function constants(value: SyntaxNode): readonly Change[] {
  const operator = String(value.operator ?? '');
  if (operator in COMPARISONS || operator === '!' || operator === '&&' || operator === '||') {
    return replace(value, 'return constant', 'true', 'false');
  }
  if (operator in ARITHMETIC) return replace(value, 'return constant', '0');
  return value.type === 'Literal' || value.type === 'Identifier' ? [] : replace(value, 'return constant', 'undefined');
}

/** A function that returns nothing may return before it does anything. */
function functionBody(node: SyntaxNode): readonly Change[] {
  const { body } = node;
  if (!isNode(body)) return [];
  if (body.type !== 'BlockStatement') return constants(body);
  const statements = childrenIn(body, 'body');
  if (statements.length < 2 || statements.some(returnsValue)) return [];
  return [{ operator: 'return early', start: body.start + 1, end: body.start + 1, text: ' return;' }];
}

function returnsValue(node: SyntaxNode): boolean {
  if (FUNCTIONS.has(node.type)) return false;
  if (node.type === 'ReturnStatement') return isNode(node.argument);
  return Object.values(node).some((value) =>
    Array.isArray(value) ? value.filter(isNode).some(returnsValue) : isNode(value) && returnsValue(value),
  );
}

function defaultValue(node: SyntaxNode): Change[] {
  const value = child(node, 'right');
  return value.type === 'Literal' ? [] : replace(value, 'default', 'undefined');
}
