/** One value of a query. `undefined` and `null` are omitted. */
export type QueryValue = string | number | bigint | boolean | null | undefined;

/** A query by name. An array becomes several values with one name. */
export type Query = URLSearchParams | Readonly<Record<string, QueryValue | readonly QueryValue[]>>;

/**
 * Adds a query to the query of a path.
 *
 * @param fromPath The query of the path without its `?`. It is not changed.
 * @returns The query with its `?`, or an empty string.
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
