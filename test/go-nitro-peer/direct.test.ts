/** Ledgers between a node of ours and a node of go-nitro. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../chain-of-file.ts";
import { integration } from "../kind.ts";
import { closeLedger, openLedger } from "./go-stories.ts";
import { playGoWorld } from "./go-world.ts";

const chainOf = chainOfFile("model");

describe("a ledger with a node of go-nitro", () => {
  for (const leader of ["alice", "irene"] as const) {
    for (const closer of ["alice", "irene"] as const) {
      integration(
        `is opened by ${leader} and closed by ${closer}; irene runs go-nitro`,
        async () => {
          await playGoWorld(
            { seed: 1, chain: chainOf(), ours: ["alice"], theirs: ["irene"] },
            async (go) => {
              const ledger = await openLedger(go, leader, leader === "alice" ? "irene" : "alice", [
                6n,
                4n,
              ]);
              expect(go.go("irene").engine.ledgers.get(ledger)?.onChainFunding).toBe(10n);

              await closeLedger(go, ledger, closer, closer === "alice" ? "irene" : "alice");

              expect(go.faults).toEqual([]);
            },
          );
        },
      );
    }
  }
});
