import { expect, test } from 'vitest';
import { isWrite } from '../../src/model/write-methods.js';

test('POST, PUT, PATCH and DELETE write; others do not', () => {
  expect(['POST', 'PUT', 'PATCH', 'DELETE'].every(isWrite)).toBe(true);
  expect(['GET', 'HEAD', 'OPTIONS'].some(isWrite)).toBe(false);
});
