/** One value of a query; `undefined` and `null` leave it out. */
export type QueryValue = string | number | bigint | boolean | null | undefined;

/** A query by name; the values of an array are repeated under one name. */
export type Query = URLSearchParams | Readonly<Record<string, QueryValue | readonly QueryValue[]>>;

/**
 * Adds a query to the one that a path came with.
 *
 * @param fromPath Without its `?`; kept as it is written.
 * @returns With its `?`; empty when there is no query.
 */
export function joinQuery(fromPath: string, query?: Query): string {
  if (query === undefined) return fromPath === '' ? '' : `?${fromPath}`;
  const added = query instanceof URLSearchParams ? query : searchParams(query);
  const joined = [fromPath, added.toString()].filter((part) => part !== '').join('&');
  return joined === '' ? '' : `?${joined}`;
}

function searchParams(query: Exclude<Query, URLSearchParams>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) {
      if (value !== undefined && value !== null) params.append(name, String(value));
    }
  }
  return params;
}
