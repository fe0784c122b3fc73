/** What a run came to, as text for people. */
import { counted } from "../../src/primitives/counted.ts";
import { textTable } from "../../src/primitives/text-table.ts";
import { type Asset, ETH, formatDecimal } from "../assets.ts";
import type { Amounts } from "../balances.ts";
import type { RunResult } from "../run-scenario.ts";
import type { Scenario } from "../scenario.ts";
import type { ChainTier } from "../simulated-chain.ts";
import { diagramLines } from "./diagram-lines.ts";
import type { Fees } from "./finished-run.ts";
import { totalWei } from "./run-summary.ts";
import type { Shell } from "./shell.ts";

/** A run and what the report needs besides. */
export type Report = {
  readonly scenario: Scenario;
  readonly result: RunResult;
  readonly fees: Fees;
  readonly assets: readonly Asset[];
};

/** The diagram, the money, the cost, and whether all held. */
export function reportLines(report: Report, { columns, paint }: Shell): readonly string[] {
  const { result, scenario } = report;
  return [
    ...diagramLines(result.trace, scenario.cast, columns),
    "",
    paint.bold("Wallets before and after (what is inside channels is not in them)"),
    ...balanceLines(report),
    "",
    ...factLines(report),
    "",
    ...verdictLines(report, paint),
  ];
}

function balanceLines({ assets, fees, result }: Report): readonly string[] {
  const head = ["who", "asset", "before", "after", "difference", "of it fees"];
  const rows = result.balances.flatMap(({ after, before, name }) =>
    assets.map((asset) => {
      const [start, end] = [amountOf(before, asset), amountOf(after, asset)];
      const fee = asset === ETH ? formatSigned(asset, -(fees[name] ?? 0n)) : "";
      const amounts = [formatDecimal(asset, start), formatDecimal(asset, end)];
      return [name, asset.symbol, ...amounts, formatSigned(asset, end - start), fee];
    }),
  );
  return textTable([head, ...rows], ["left", "left", "right", "right", "right", "right"]);
}

function amountOf(amounts: Amounts, { symbol }: Asset): bigint {
  return amounts[symbol] ?? 0n;
}

function formatSigned(asset: Asset, amount: bigint): string {
  return `${amount > 0n ? "+" : ""}${formatDecimal(asset, amount)}`;
}

function factLines({ fees, result }: Report): readonly string[] {
  const { chain, gasUsed, messages, seed, signatures, traceHash, transactions } = result;
  const onChain = `${counted(transactions, "transaction")}, ${gasUsed} gas, ${formatDecimal(ETH, totalWei(fees))} ETH in fees`;
  const duration = `${(result.virtualMs / 1_000).toFixed(3)} virtual seconds, simulated in ${(result.wallMs / 1_000).toFixed(2)} s`;
  return textTable(
    [
      ["on chain", onChain],
      ["network", `${counted(messages, "frame")} (messages and acknowledgements)`],
      ["time", duration],
      ["seed", String(seed)],
      ["chain", CHAIN_TEXTS[chain]],
      ["signatures", signatures],
      ["trace hash", traceHash],
    ],
    ["left", "left"],
  );
}

const CHAIN_TEXTS: Readonly<Record<ChainTier, string>> = {
  anvil: "anvil",
  evm: "evm (in this process)",
  model: "model (no contract ran; gas by a table)",
};

function verdictLines({ result, scenario }: Report, paint: Shell["paint"]): readonly string[] {
  const { assumptions, hasDiagram, objectives, passed, violations } = result;
  const broken = assumptions.map(
    (what) => `${paint.yellow("ASSUMPTION BROKEN")}  ${what}: no solvency was asked for`,
  );
  if (passed) {
    const held = hasDiagram ? "the run is what its diagram says, and " : "";
    return [...broken, `${paint.green("PASSED")}  ${scenario.name}: ${held}no check failed`];
  }
  const stuck = objectives.filter(({ status }) => status !== "Completed");
  return [
    ...broken,
    ...violations.map(({ message, oracle }) => `${paint.red("FAILED")}  ${oracle}: ${message}`),
    ...stuck.map(({ code, id, node, status }) => {
      return `        at ${node}: ${id} is ${status}${code === undefined ? "" : `, ${code}`}`;
    }),
  ];
}
