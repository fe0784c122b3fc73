/** What a run came to, as data: the JSON of `channels run`, and the head of a trace file. */
import { version } from "../../package.json";
import type { Hex } from "../../src/primitives/hex.ts";
import type { Asset } from "../assets.ts";
import type { Amounts, Balances } from "../balances.ts";
import type { ObjectiveEnd } from "../objective-ends.ts";
import type { RunResult } from "../run-scenario.ts";
import type { Parameters } from "../scenario.ts";
import type { Violation } from "../violation.ts";
import type { Fees, FinishedRun } from "./finished-run.ts";

/** One actor's wallet. Amounts are in the smallest unit, by the symbol of their asset. */
export type WalletSummary = {
  readonly name: string;
  readonly before: Amounts;
  readonly after: Amounts;
  readonly difference: Amounts;
  /** Wei paid for gas; part of the difference. */
  readonly feesWei: bigint;
};

/** Everything but the trace and the wall time: equal runs have equal summaries. */
export type RunSummary = {
  readonly scenario: string;
  readonly seed: number;
  readonly chain: string;
  readonly signatures: string;
  readonly parameters: Parameters;
  readonly versions: { readonly channels: string; readonly bun: string };
  readonly passed: boolean;
  /** What was promised to honest nodes and did not hold in this run: then nobody asks whether they are solvent. */
  readonly assumptions: readonly string[];
  readonly traceHash: Hex;
  readonly virtualMs: number;
  /** Frames on the wire: messages and acknowledgements. */
  readonly messages: number;
  readonly transactions: number;
  readonly gasUsed: bigint;
  readonly feesWei: bigint;
  readonly assets: readonly Asset[];
  readonly balances: readonly WalletSummary[];
  readonly objectives: readonly ObjectiveEnd[];
  readonly violations: readonly Violation[];
};

/** The summary of a run. `parameters` are those that held, defaults included. */
export function summaryOf(
  { fees, result }: FinishedRun,
  parameters: Parameters,
  assets: readonly Asset[],
): RunSummary {
  const { messages, objectives, transactions, violations } = result;
  return {
    scenario: result.scenario,
    seed: result.seed,
    chain: result.chain,
    signatures: result.signatures,
    parameters,
    versions: { channels: version, bun: Bun.version },
    passed: result.passed,
    assumptions: result.assumptions,
    traceHash: result.traceHash,
    virtualMs: result.virtualMs,
    messages,
    transactions,
    gasUsed: result.gasUsed,
    feesWei: totalWei(fees),
    assets,
    balances: walletsOf(result, fees),
    objectives,
    violations,
  };
}

/** What all actors paid for gas. */
export function totalWei(fees: Fees): bigint {
  return Object.values(fees).reduce((sum, fee) => sum + fee, 0n);
}

function walletsOf({ balances }: RunResult, fees: Fees): readonly WalletSummary[] {
  return balances.map((balance) => {
    const { after, before, name } = balance;
    return { name, before, after, difference: differenceOf(balance), feesWei: fees[name] ?? 0n };
  });
}

function differenceOf({ after, before }: Balances): Amounts {
  const symbols = Object.keys(before);
  return Object.fromEntries(
    symbols.map((symbol) => [symbol, (after[symbol] ?? 0n) - (before[symbol] ?? 0n)]),
  );
}
