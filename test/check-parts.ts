/** Which replaceable parts of the project run on this machine, so that a log of a check says so. */
import { createRequire } from "node:module";
import { anvilBinary } from "../sim/chain/anvil-binary.ts";
import { installedBrowser } from "./runtimes/browser.ts";
import { hasPackagedBrowser } from "./runtimes/packaged-browser.ts";

const load = createRequire(import.meta.url);

/** Lines for the summary: the signature backend, the disk of a log, the chain tiers, and the browser. */
export function runningParts(): readonly string[] {
  const native = succeeds(() => load("secp256k1/bindings.js"));
  const hasRocksDb = succeeds(() => load("@nxtedition/rocksdb"));
  const tiers = [
    ["anvil", succeeds(anvilBinary)],
    ["evm", succeeds(() => load("@nomicfoundation/edr"))],
  ] as const;
  const found = tiers.filter(([, runs]) => runs).map(([tier]) => tier);
  const missing = tiers.filter(([, runs]) => !runs).map(([tier]) => `${tier} is not installed`);
  return [
    `signatures ${native ? "native" : "noble, the slow reference: no native library for this system"}`,
    `disk       ${hasRocksDb ? "RocksDB" : "memory only: no RocksDB for this system"}`,
    `chains     ${[...found, ...missing].join(", ")}`,
    `browser    ${browserName()}`,
  ];
}

function browserName(): string {
  if (installedBrowser() !== undefined) return "Chromium";
  return hasPackagedBrowser
    ? "Chromium, as npm has it"
    : "none: reducers run in Bun and Node.js only";
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    // Which parts are missing is the question, and an error is the answer.
    return false;
  }
}
