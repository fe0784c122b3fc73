/** Rows of text under each other. */

/** Where the text of a column stands. */
export type Side = "left" | "right";

/** Lines with each column as wide as its longest text, two spaces apart. */
export function textTable(
  rows: readonly (readonly string[])[],
  sides: readonly Side[],
): readonly string[] {
  const widths = sides.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return sides[column] === "right" ? cell.padStart(width) : cell.padEnd(width);
    });
    return `  ${cells.join("  ")}`.trimEnd();
  });
}
