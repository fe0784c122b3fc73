/**
 * Plays random calls on the published contracts and on the model, and says whether they did the same:
 * `bun run differential [transactions] [seed]`. Ends with 1 when they did not.
 */
import { type DifferentialResult, runDifferential } from "./run.ts";

/** Transactions without an argument: the documented run. */
const TRANSACTIONS = 100_000;

/** Transactions on one chain; then another begins with another seed, for a chain does not forget. */
const TRANSACTIONS_PER_SEED = 10_000;

/** Mismatches that are shown: what follows from one fault would fill pages. */
const SHOWN_MAX = 10;

/** Characters of one mismatch: calldata is long. */
const SHOWN_CHARS_MAX = 2_000;

const [wanted = `${TRANSACTIONS}`, firstSeed = "1"] = process.argv.slice(2);
if (![wanted, firstSeed].every((text) => /^[1-9]\d{0,8}$/.test(text))) {
  process.stderr.write(
    "give two whole numbers, 1 or more: how many transactions, and the first seed\n",
  );
  process.exit(2);
}
const results: DifferentialResult[] = [];
let left = Number(wanted);
for (let seed = Number(firstSeed); left > 0; seed++) {
  const transactions = Math.min(left, TRANSACTIONS_PER_SEED);
  results.push(await runDifferential({ seed, transactions }));
  left -= transactions;
  process.stderr.write(`seed ${seed}: ${lineOf(results.slice(-1))}\n`);
}
const mismatches = results.flatMap((result) => result.mismatches);
for (const text of mismatches.slice(0, SHOWN_MAX)) {
  process.stdout.write(`${text.slice(0, SHOWN_CHARS_MAX)}\n`);
}
process.stdout.write(`${tableOf(results)}\n${lineOf(results)}\n`);
process.exit(mismatches.length === 0 ? 0 : 1);

function lineOf(found: readonly DifferentialResult[]): string {
  const sum = (count: (one: DifferentialResult) => number): string =>
    found.reduce((total, one) => total + count(one), 0).toLocaleString("en");
  const parts = [
    `${sum(({ transactions }) => transactions)} transactions`,
    `${sum(({ blocks }) => blocks)} blocks`,
    `${sum((one) => one.mismatches.length)} mismatches`,
  ];
  return parts.join(", ");
}

function tableOf(found: readonly DifferentialResult[]): string {
  const names = [...new Set(found.flatMap(({ counts }) => [...counts.keys()]))].sort();
  const rows = names.map((name) => {
    const total = [0, 1].map((which) =>
      found.reduce((sum, { counts }) => sum + (counts.get(name)?.[which] ?? 0), 0),
    );
    return `${name.padEnd(30)} ${total[0]} of ${total[1]} succeeded`;
  });
  return [...rows, "", ...refusalRows(found)].join("\n");
}

/** What calls were refused with, and how often: a reason, or the bytes where there is none. */
function refusalRows(found: readonly DifferentialResult[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { reasons } of found) {
    for (const [reason, count] of reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  const rows = [...counts].map(([reason, count]) => `${`${count}`.padStart(8)} ${reason}`).sort();
  return [`${counts.size} different refusals:`, ...rows.reverse()];
}
