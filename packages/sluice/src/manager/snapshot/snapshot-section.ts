import { SnapshotError } from '../../errors.js';
import { isWithin, MOST_ENTRIES, type Range } from './snapshot-format.js';

/** An object in a snapshot: returns each field as the type that it must have, or throws an error that names it. */
export class Section {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #name: string;
  readonly #parent: Section | undefined;

  /** @throws SnapshotError when the value is no object. */
  constructor(value: unknown, name: string, parent?: Section) {
    this.#name = name;
    this.#parent = parent;
    if (!isObject(value)) throw errorAt(this.#path, 'an object');
    this.#fields = value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  /** The field as it came. */
  raw(name: string): unknown {
    return this.has(name) ? this.#fields[name] : undefined;
  }

  number(name: string, range: Range): number {
    return this.#numberOf(this.raw(name), name, range);
  }

  numbers(name: string, range: Range): number[] {
    return this.#list(name).map((value, index) => this.#numberOf(value, `${name}[${index}]`, range));
  }

  text(name: string): string {
    return this.#textOf(this.raw(name), name);
  }

  texts(name: string): string[] {
    return this.#list(name).map((value, index) => this.#textOf(value, `${name}[${index}]`));
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false');
  }

  oneOf<T>(name: string, values: readonly T[]): T {
    const found = values.find((value) => value === this.raw(name));
    return found ?? this.refuse(name, values.join(' or '));
  }

  section(name: string): Section {
    return new Section(this.raw(name), name, this);
  }

  sections(name: string): Section[] {
    return this.#list(name).map((value, index) => new Section(value, `${name}[${index}]`, this));
  }

  /** @throws SnapshotError that names the field. */
  refuse(name: string, expected: string): never {
    throw errorAt(this.#pathOf(name), expected);
  }

  #list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (Array.isArray(value) && value.length <= MOST_ENTRIES) return value;
    return this.refuse(name, `a list of at most ${MOST_ENTRIES} entries`);
  }

  #numberOf(value: unknown, name: string, range: Range): number {
    if (typeof value === 'number' && isWithin(value, range)) return value;
    return this.refuse(name, `a ${range.isWhole ? 'whole ' : ''}number from ${range.least} to ${range.most}`);
  }

  #textOf(value: unknown, name: string): string {
    return typeof value === 'string' ? value : this.refuse(name, 'a text');
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  get #path(): string {
    return this.#parent === undefined ? this.#name : this.#parent.#pathOf(this.#name);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error does not show the value, as a foreign file may hold a secret. */
function errorAt(path: string, expected: string): SnapshotError {
  return new SnapshotError(`${path || 'The snapshot'} must be ${expected}. Nothing was restored.`, path);
}
