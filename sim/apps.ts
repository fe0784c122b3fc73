/** The apps that simulated nodes sign for, by where they are on their chain. */
import type { Deployment } from "../src/chain/deployment.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { consensusRule } from "../src/protocols/app-rule.ts";
import type { App } from "../src/protocols/protocol.ts";

/** Direct channels, and ledger and virtual ones of both profiles. go-nitro's virtual channels have no app. */
export function appsOf(deployment: Deployment): ReadonlyMap<Address, App> {
  const { consensusApp, goNitroLedgerApp, ledgerApp, paymentApp } = deployment;
  return new Map<Address, App>([
    [consensusApp, { type: "Direct", rule: consensusRule }],
    [ledgerApp, { type: "Ledger", profile: "enforceable" }],
    [goNitroLedgerApp, { type: "Ledger", profile: "go-nitro" }],
    [paymentApp, { type: "Virtual", profile: "enforceable" }],
    [ZERO_ADDRESS, { type: "Virtual", profile: "go-nitro" }],
  ]);
}
