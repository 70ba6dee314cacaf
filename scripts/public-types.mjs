// What the published declarations of a package show of its inside: nothing, or an Error that names it.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const IMPORT = /\bfrom '(\.[^']+)\.js'|\bimport\('(\.[^']+)\.js'\)/g;
const EXPORT = /^export (?:declare )?(abstract class|class|interface|type|const|function) (\w+)/gm;

// The folders of the limiter's machinery: what a user sees of them is exported by an entry.
const MACHINERY = /^(buckets|gates|manager|coordination)\//;

/** All declaration files that a user's compiler reads for an entry, by their paths, with their texts. */
function reachableFrom(entry, files = new Map()) {
  if (files.has(entry)) return files;
  const text = readFileSync(entry, 'utf8');
  files.set(entry, text);
  for (const [, from, inline] of text.matchAll(IMPORT))
    reachableFrom(join(dirname(entry), `${from ?? inline}.d.ts`), files);
  return files;
}

/** @throws Error that names the file and the name, for a name of the machinery that the published types show. */
export function checkPublicTypes(folder, entries) {
  for (const entry of entries) {
    const files = reachableFrom(join(folder, entry));
    const exported = new Set(files.get(join(folder, entry)).match(/\w+/g));
    for (const [path, text] of files) {
      const file = relative(join(folder, dirname(entry)), path);
      if (text.includes('@internal')) throw new Error(`${entry} shows a member of ${file} that is marked @internal`);
      for (const [, kind, name] of text.matchAll(EXPORT)) {
        const isInside = MACHINERY.test(file) || kind.endsWith('class');
        if (isInside && !exported.has(name))
          throw new Error(`${entry} shows ${name} of ${file}, which it does not export`);
      }
    }
  }
}
