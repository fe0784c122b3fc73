/** The apps that nodes sign for, by where they are on their chain. */

import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { consensusRule } from "../protocols/app-rule.ts";
import type { App } from "../protocols/protocol.ts";
import type { Deployment } from "./deployment.ts";

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
