import { looksLikeToken, type PathShape } from './identity.js';
import { isCanonical, isDigits, type PathSegments } from './path.js';

/** No id is longer: 64 bits have 20 digits. */
const LONGEST_ID = 20;

/** How many branches a tree has: all that a bot's paths need, not all that strangers can make up. */
const MAX_BRANCHES = 1_000;

const SLASH = 0x2f;

/** A place in paths, and what was seen to follow there. */
interface Branch<Value> {
  /** What belongs to the paths that end here. */
  value: Value | undefined;
  /** What follows an id. */
  id: Branch<Value> | undefined;
  /** What follows a parameter that is one by its place. */
  named: Branch<Value> | undefined;
  /** What follows a word. */
  readonly words: Map<string, Branch<Value>>;
}

/**
 * Remembers what is true of all paths of one shape, and finds it without cutting a path into pieces. Two paths have one
 * shape when they differ only in ids, and in what stands where only a parameter can stand.
 */
export class PathTree<Value> {
  #root: Branch<Value> = emptyBranch();
  #branches = 0;

  /** What is remembered for a path; `undefined` also for one that is not written as it is sent. */
  find(path: string): Value | undefined {
    let branch: Branch<Value> | undefined = this.#root;
    let start = 0;
    while (start < path.length && branch !== undefined) {
      if (path.charCodeAt(start) !== SLASH) return undefined;
      const end = segmentEnd(path, ++start);
      branch = isID(path, start, end) ? branch.id : childFor(branch, path.slice(start, end));
      start = end;
    }
    return branch?.value;
  }

  /** Remembers a path, unless one of its segments could not be recognised again. Too many, and all are forgotten. */
  add({ decoded, encoded }: PathSegments, { kinds }: PathShape, value: Value): void {
    if (this.#branches + encoded.length > MAX_BRANCHES) this.#clear();
    let branch = this.#root;
    for (const [index, segment] of encoded.entries()) {
      const kind = kinds[index];
      if (isID(segment)) branch = branch.id ??= this.#newBranch();
      else if (kind === 'named' || kind === 'token') branch = branch.named ??= this.#newBranch();
      else if (segment !== decoded[index] || looksLikeToken(segment)) return;
      else branch = branch.words.get(segment) ?? this.#newWord(branch, segment);
    }
    if (branch !== this.#root) branch.value = value;
  }

  #newWord({ words }: Branch<Value>, word: string): Branch<Value> {
    const branch = this.#newBranch();
    words.set(word, branch);
    return branch;
  }

  #newBranch(): Branch<Value> {
    this.#branches++;
    return emptyBranch();
  }

  #clear(): void {
    this.#root = emptyBranch();
    this.#branches = 0;
  }
}

function emptyBranch<Value>(): Branch<Value> {
  return { value: undefined, id: undefined, named: undefined, words: new Map() };
}

/** Where parameters are named, `@me` alone is a word. */
function childFor<Value>({ words, named }: Branch<Value>, segment: string): Branch<Value> | undefined {
  if (named === undefined || segment === '@me') return words.get(segment);
  return isCanonical(segment) ? named : undefined;
}

function segmentEnd(path: string, start: number): number {
  const end = path.indexOf('/', start);
  return end < 0 ? path.length : end;
}

/** Whether the segment from `start` to `end` is an id. */
export function isID(path: string, start = 0, end = path.length): boolean {
  return end - start <= LONGEST_ID && isDigits(path, start, end);
}
