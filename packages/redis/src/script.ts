import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What a script is run with. */
export interface ScriptClient {
  evalsha(sha: string, keyCount: number, ...parameters: string[]): Promise<unknown>;
  eval(source: string, keyCount: number, ...parameters: string[]): Promise<unknown>;
}

/** A Lua script in the folder `lua`; its header says what it takes and returns. */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  /** @param files What it consists of, in order. */
  constructor(...files: string[]) {
    this.#source = files.map((file) => readFileSync(new URL(`../lua/${file}`, import.meta.url), 'utf8')).join('\n');
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /** Runs it by its digest; a server that does not know it, or not any more, is sent the source. */
  async run(client: ScriptClient, keys: readonly string[], ...parameters: string[]): Promise<string> {
    try {
      return (await client.evalsha(this.#sha, keys.length, ...keys, ...parameters)) as string;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return (await client.eval(this.#source, keys.length, ...keys, ...parameters)) as string;
    }
  }
}
