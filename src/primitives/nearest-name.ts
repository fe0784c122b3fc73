/** The name that somebody probably meant. */

/** Changes of a letter up to which a name is a slip of the finger: a third of it. */
const LETTERS_PER_SLIP = 3;

/** The name that takes the fewest changes of a letter; undefined when none is near. */
export function nearestName(wanted: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: isPartOf(wanted, name) ? 1 : distanceOf(wanted, name) }))
    .sort((one, other) => one.distance - other.distance);
  const [nearest] = ranked;
  if (nearest === undefined) return undefined;
  const allowed = Math.max(1, Math.ceil(wanted.length / LETTERS_PER_SLIP));
  return nearest.distance <= allowed ? nearest.name : undefined;
}

function isPartOf(wanted: string, name: string): boolean {
  return wanted.length >= LETTERS_PER_SLIP && name.includes(wanted);
}

/** Letters to add, drop or change. Source: Levenshtein 1966. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, candidate] of [...other].entries()) {
      const changed = (row[column] ?? 0) + (letter === candidate ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
