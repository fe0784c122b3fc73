/** The document of all cases: what is signed, paid in or learned on each rung, and by whom. */
import type { Point } from "./points.ts";

/** Where it is kept. */
export const DOCUMENT = "docs/enforceability.md";

const HEAD = `# Where everybody can be left alone

Written from the stories of \`test/enforceable\`; a test compares. At each of these moments all others stop for good,
or turn on the one who is left; and the contracts must pay her at least the least of all states that are supported,
or that others can make supported with what she has signed, with what she was paid by vouchers and without what she
paid. What an intermediary has passed on as a fee may be lost, and no more than that. Each moment is a case in which
her user asks for disputes, one in which she asks to close and her node leaves it to the chain by itself, and one
behind a restart. \`bun run enforceable\` plays all of them, each call that others can make on each rung, and drawn
orders of two and three calls for each deed.

| protocol | rung | what was signed, paid or learned | by |
|---|---|---|---|
`;

/** The whole text. */
export function enforceabilityDocument(points: readonly Point[]): string {
  const rows = new Map<string, Set<string>>();
  for (const { deed, honest, protocol, rung } of points) {
    const key = `| ${protocol} | ${rung} | ${deed} |`;
    rows.set(key, (rows.get(key) ?? new Set()).add(honest));
  }
  const lines = [...rows].map(([key, names]) => `${key} ${[...names].sort().join(", ")} |`).sort();
  return `${HEAD}${lines.join("\n")}\n`;
}
