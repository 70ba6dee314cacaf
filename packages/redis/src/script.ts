import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The client that runs a script. */
export interface ScriptClient {
  evalsha(sha: string, keyCount: number, ...parameters: string[]): Promise<unknown>;
  eval(source: string, keyCount: number, ...parameters: string[]): Promise<unknown>;
}

/** The first line of a Lua file that uses others. */
const NEEDS = /^-- needs: (.*)$/m;

/**
 * The files that a Lua file needs, itself last: each stands below those that it needs.
 *
 * @throws Error when a file does not exist, or when files need each other in a circle.
 */
export function inOrder(file: string, read: (file: string) => string): string[] {
  const ordered = new Set<string>();
  const visit = (name: string, path: readonly string[]) => {
    if (path.includes(name)) throw new Error(`Lua files need each other in a circle: ${[...path, name].join(', ')}`);
    if (ordered.has(name)) return;
    for (const needed of NEEDS.exec(read(name))?.[1]?.split(', ') ?? []) visit(needed, [...path, name]);
    ordered.add(name);
  };
  visit(file, []);
  return [...ordered];
}

/** A file of the folder `lua`. */
export function readLua(file: string): string {
  return readFileSync(new URL(`../lua/${file}`, import.meta.url), 'utf8');
}

/** A Lua script of the folder `lua`; the comment at its head says what it takes and returns. */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  /** @param file The last file of the script, which names those that it needs. */
  constructor(file: string) {
    this.#source = inOrder(file, readLua).map(readLua).join('\n');
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /** Runs the script by its digest. A server that does not know the digest is sent the source. */
  async run(client: ScriptClient, keys: readonly string[], ...parameters: string[]): Promise<string> {
    try {
      return (await client.evalsha(this.#sha, keys.length, ...keys, ...parameters)) as string;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return (await client.eval(this.#source, keys.length, ...keys, ...parameters)) as string;
    }
  }
}
