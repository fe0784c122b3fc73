/** `channels exhaust orders`: every order in which things can arrive at two nodes. */
import { jsonOf } from "../../src/primitives/json.ts";
import { textTable } from "../../src/primitives/text-table.ts";
import { exploreOrders, type OrderFailure, type OrderRow } from "../exhaustive/delivery-orders.ts";
import { ORDER_SCRIPTS } from "../exhaustive/order-scripts.ts";
import { realWorld } from "../real-world.ts";
import type { ExhaustOptions } from "./exhaust-parts.ts";
import { EXIT, type Shell, wrongUsage } from "./shell.ts";

type TimedRow = OrderRow & { readonly wallMs: number };

/** Goes through all orders, or those of one script. */
export function exhaustOrders(
  { json, only, script }: Pick<ExhaustOptions, "json" | "only" | "script">,
  shell: Shell,
): void {
  if (only !== undefined) throw wrongUsage("orders have no cases of their own; use --script");
  const scripts = ORDER_SCRIPTS.filter(({ name }) => script === undefined || name === script);
  if (scripts.length === 0) {
    const names = ORDER_SCRIPTS.map(({ name }) => name).join("\n  ");
    throw wrongUsage(`there is no script "${script}"; there are:\n  ${names}`);
  }
  const rows = scripts.map((one): TimedRow => {
    shell.progress(`${one.name}: every order ...`);
    const startedMs = realWorld.performanceNow();
    return { ...exploreOrders(one), wallMs: realWorld.performanceNow() - startedMs };
  });
  shell.progress("");
  const held = rows.every(({ failures }) => failures.length === 0);
  if (json) shell.out(jsonOf({ mode: "orders", held, scripts: rows }, 2));
  else shell.out(reportLines(rows, shell).join("\n"));
  shell.finish(held ? EXIT.held : EXIT.checkFailed);
}

function reportLines(rows: readonly TimedRow[], { paint }: Shell): readonly string[] {
  const head = ["script", "orders", "states", "duplicates", "endings", "seconds"];
  const lines = rows.map((row) => [
    row.script,
    String(row.orders),
    String(row.states),
    String(row.duplicates),
    String(row.endings),
    (row.wallMs / 1_000).toFixed(1),
  ]);
  const right = head.slice(1).map(() => "right" as const);
  const table = textTable([head, ...lines], ["left", ...right]);
  const held = rows.filter((row) => row.failures.length === 0).length;
  const verdict = held === rows.length ? paint.green("HELD") : paint.red("FAILED");
  const failures = rows.flatMap((row) => row.failures.map((one) => failureLines(row, one, paint)));
  return [...table, "", `${verdict}  ${held} of ${rows.length} scripts`, ...failures.flat()];
}

function failureLines(
  { script }: OrderRow,
  { order, problem }: OrderFailure,
  paint: Shell["paint"],
): readonly string[] {
  return [paint.bold(`${script}: ${problem}`), `  ${order.join(", ")}`];
}
