/** Pages of lists: what comes behind a cursor, in an order that no event changes. */

import { PAGE_DEFAULT } from "./api-schemas.ts";
import type { Page } from "./api-types.ts";

/** A part of a list, and where the next part begins. */
export type PageOf<Item> = { readonly items: readonly Item[]; readonly next: string | null };

/**
 * The first items behind the cursor, by their names in rising order. Items may come and go between two pages: none
 * that stays is left out, and none comes twice.
 */
export function pageOf<Item>(
  items: Iterable<Item>,
  nameOf: (item: Item) => string,
  { cursor, limit = PAGE_DEFAULT }: Page,
): PageOf<Item> {
  const named = [...items]
    .map((item) => [nameOf(item), item] as const)
    .filter(([name]) => cursor === undefined || name > cursor)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const taken = named.slice(0, limit);
  const last = taken.at(-1)?.[0];
  return {
    items: taken.map(([, item]) => item),
    next: last !== undefined && named.length > limit ? last : null,
  };
}
