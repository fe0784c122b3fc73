/** Remembers the last result of a pure function for an object, for as long as the object lives. */

/**
 * The function, for which the same is asked again and again: what is decided is folded once to be looked at, and
 * once to be kept. `isSame` says whether what it depends on besides the object is what it was. Only for pure
 * functions of immutable values: then nobody can tell, but by the time it takes.
 */
export function remembering<Key extends object, Other = undefined, Value = unknown>(
  compute: (key: Key, other: Other) => Value,
  isSame: (one: Other, other: Other) => boolean = () => true,
): Remembering<Key, Other, Value> {
  const last = new WeakMap<Key, { readonly other: Other; readonly value: Value }>();
  const recall = (key: Key, other: Other): Value => {
    const known = last.get(key);
    if (known !== undefined && isSame(known.other, other)) return known.value;
    const value = compute(key, other);
    last.set(key, { other, value });
    return value;
  };
  return recall as Remembering<Key, Other, Value>;
}

/** A function of an object, and of something else where it depends on that. */
export type Remembering<Key, Other, Value> = [Other] extends [undefined]
  ? (key: Key) => Value
  : (key: Key, other: Other) => Value;
