import { looksLikeToken, type PathShape } from './identity.js';
import { isCanonical, isDigits, type PathSegments } from './path.js';

/** The longest id, in digits: 64 bits have 20. */
const LONGEST_ID = 20;

/** The most branches of a tree: enough for a bot's paths, and a bound on invented ones. */
const MAX_BRANCHES = 1_000;

const SLASH = 0x2f;

/** A position in paths, and the segments that have been seen to follow. */
interface Branch<Value> {
  /** The value of the paths that end here. */
  value: Value | undefined;
  /** The branch after an id. */
  id: Branch<Value> | undefined;
  /** The branch after a segment that is a parameter because of its place. */
  named: Branch<Value> | undefined;
  /** The branches after literal segments. */
  readonly words: Map<string, Branch<Value>>;
}

/**
 * Stores one value for all paths of the same shape, and finds it without splitting a path. Two paths have the same
 * shape when they differ only in ids and in segments that can only be parameters.
 */
export class PathTree<Value> {
  #root: Branch<Value> = emptyBranch();
  #branches = 0;

  /** The value of a path; `undefined` when there is none, or when the path is not spelled as it is sent. */
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

  /**
   * Stores the value of a path, unless {@link find} could not recognise one of its segments. A tree that would grow too
   * large is cleared first.
   */
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

/** Where a named parameter can stand, only `@me` is a literal. */
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
