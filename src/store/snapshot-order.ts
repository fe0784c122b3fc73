/** Entities in the order in which they came into a state. */
import { decodeEntity, type StoredEntity } from "./snapshot-codec.ts";
import { orDamaged } from "./snapshot-disk.ts";
import type { EntityName } from "./snapshot-keys.ts";

/** The values by their places, the lowest first. */
export function inOrder<Value>(
  found: readonly (readonly [order: number, Value])[],
): readonly Value[] {
  return found.toSorted(([one], [other]) => one - other).map(([, value]) => value);
}

/** Stored entities by their names, while pages are undone. */
export class EntityMap {
  readonly #entities = new Map<string, EntityName & { readonly stored: StoredEntity }>();

  /** Takes an entity as it was. Nothing stored means that there was no such entity. */
  put({ key, table }: EntityName, stored: Uint8Array): void {
    const name = `${table} ${key}`;
    if (stored.length === 0) this.#entities.delete(name);
    else this.#entities.set(name, { key, table, stored: orDamaged(() => decodeEntity(stored)) });
  }

  /** All entities. */
  inOrder(): readonly (EntityName & { readonly stored: StoredEntity })[] {
    return inOrder([...this.#entities.values()].map((entity) => [entity.stored.order, entity]));
  }
}
