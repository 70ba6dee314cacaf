import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Workspace } from './workspace.js';

/** A copy of the workspace in a temporary folder: errors are never made in the checkout itself. */
export class TreeCopy implements Disposable {
  readonly root: string;

  constructor({ root, files }: Workspace) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-mutants-')));
    for (const file of files) {
      mkdirSync(dirname(join(this.root, file)), { recursive: true });
      copyFileSync(join(root, file), join(this.root, file));
    }
    linkModules(root, this.root, 'node_modules');
    mkdirSync(this.scratch);
  }

  /** Where tests put what they leave behind when they are killed. */
  get scratch(): string {
    return join(this.root, '.scratch');
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.root, file), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Links what is installed; packages of the workspace itself are those of the copy. */
function linkModules(from: string, to: string, folder: string): void {
  mkdirSync(join(to, folder), { recursive: true });
  for (const name of readdirSync(join(from, folder))) {
    if (name.startsWith('.') && name !== '.bin') continue;
    const path = join(folder, name);
    if (name.startsWith('@')) {
      linkModules(from, to, path);
      continue;
    }
    const real = realpathSync(join(from, path));
    const isOwn = lstatSync(join(from, path)).isSymbolicLink() && !relative(from, real).startsWith('..');
    symlinkSync(isOwn ? join(to, relative(from, real)) : real, join(to, path));
  }
}
