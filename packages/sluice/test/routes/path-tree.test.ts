import { describe, expect, it } from 'vitest';
import { identifyPath } from '../../src/routes/identity.js';
import { splitPath } from '../../src/routes/path.js';
import { isID, PathTree } from '../../src/routes/path-tree.js';
import { INTERACTION_TOKEN, WEBHOOK_TOKEN } from './tokens.js';

function add(tree: PathTree<string>, path: string, value = path): void {
  const segments = splitPath(path);
  tree.add(segments, identifyPath(segments), value);
}

describe('a path tree', () => {
  it('finds the value of every path of the same shape', () => {
    const tree = new PathTree<string>();
    add(tree, '/channels/1/messages/2', 'message');
    add(tree, '/channels/1/messages', 'messages');
    add(tree, '/invites/abc', 'invite');
    expect(tree.find('/channels/987/messages/654')).toBe('message');
    expect(tree.find('/channels/987/messages')).toBe('messages');
    expect(tree.find('/invites/xyz')).toBe('invite');
  });

  it('finds nothing for paths of other shapes, so that no request gets the limits of another', () => {
    const tree = new PathTree<string>();
    add(tree, '/channels/1/messages/2');
    add(tree, '/invites/abc');
    for (const path of [
      '',
      '/channels',
      '/channels/1',
      '/channels/x/messages/2',
      '/channels/1/messages/2/reactions',
      '/channels/1/messages/@me',
      '/invites/@me',
      '/guilds/1',
      'channels/1/messages/2',
      '/channels/1/messages/123456789012345678901',
    ]) {
      expect(tree.find(path)).toBeUndefined();
    }
  });

  it('finds nothing for a path that is not spelled as it is sent', () => {
    const tree = new PathTree<string>();
    add(tree, '/invites/abc');
    for (const path of [
      '/invites/',
      '/invites/..',
      '/invites/a%62c',
      '/invites/%zz',
      '/invites/%40me',
      '/invites//abc',
    ]) {
      expect(tree.find(path)).toBeUndefined();
    }
    expect(tree.find('/invites/%C3%BC')).toBe('/invites/abc');
  });

  it('keeps @me apart from names in the same place', () => {
    const tree = new PathTree<string>();
    add(tree, '/channels/1/messages/2/reactions/a/@me', 'own');
    add(tree, '/channels/1/messages/2/reactions/a/3', 'other');
    expect(tree.find('/channels/1/messages/2/reactions/b/@me')).toBe('own');
    expect(tree.find('/channels/1/messages/2/reactions/b/4')).toBe('other');
  });

  it('does not store a path with a secret in an unusual place', () => {
    const tree = new PathTree<string>();
    for (const path of [`/new/${WEBHOOK_TOKEN}`, `/new/${INTERACTION_TOKEN}/x`, '/new/a%C3%A9']) {
      add(tree, path);
      expect(
        tree.find(
          splitPath(path)
            .encoded.map((segment) => `/${segment}`)
            .join(''),
        ),
      ).toBeUndefined();
    }
    add(tree, `/webhooks/1/${WEBHOOK_TOKEN}`, 'webhook');
    expect(tree.find(`/webhooks/2/${WEBHOOK_TOKEN}x`)).toBe('webhook');
  });

  it('stays bounded, and stores new paths after it was cleared', () => {
    const tree = new PathTree<string>();
    for (let n = 0; n < 1_000; n++) add(tree, `/a${n}`);
    expect([tree.find('/a0'), tree.find('/a999')]).toEqual(['/a0', '/a999']);
    add(tree, '/b');
    expect([tree.find('/a0'), tree.find('/b')]).toEqual([undefined, '/b']);
    for (let n = 0; n < 998; n++) add(tree, `/c${n}`);
    expect(tree.find('/b')).toBe('/b');
    add(tree, '/d/e');
    expect([tree.find('/b'), tree.find('/d/e')]).toEqual([undefined, '/d/e']);
  });

  it('has no value for the empty path', () => {
    const tree = new PathTree<string>();
    add(tree, '/');
    expect([tree.find('/'), tree.find('')]).toEqual([undefined, undefined]);
  });
});

describe('an id', () => {
  it('has up to 20 digits, as 64 bits do', () => {
    expect(['1', '9'.repeat(20), '9'.repeat(21), '', '12a', '٣'].map((text) => isID(text))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect([isID('/12/ab', 1, 3), isID('/12/ab', 1, 4), isID('/12/ab', 2, 2)]).toEqual([true, false, false]);
  });
});
