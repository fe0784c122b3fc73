/** The apps that nodes sign for, by where they are on their chain. */

import {
  ROCK_PAPER_SCISSORS_REDUCER,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import { TACTICS_REDUCER, tacticsTwin } from "../../contracts/tactics.ts";
import type { Twin } from "../channel/message-log-twin.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { consensusRule } from "../protocols/app-rule.ts";
import type { MessageLogApp } from "../protocols/message-log-app.ts";
import type { App } from "../protocols/protocol.ts";
import type { Deployment } from "./deployment.ts";

/**
 * Direct channels, ledger and virtual ones of both profiles, and games. go-nitro's virtual channels have no app.
 * `judgeOf` knows the reducers of games that no contract knows; none are played without it.
 */
export function appsOf(
  deployment: Deployment,
  judgeOf: MessageLogApp["judgeOf"] = () => undefined,
): ReadonlyMap<Address, App> {
  const { consensusApp, goNitroLedgerApp, ledgerApp, paymentApp } = deployment;
  const { agreedLogApp, rockPaperScissorsApp, tacticsApp } = deployment;
  return new Map<Address, App>([
    [consensusApp, { type: "Direct", rule: consensusRule }],
    [ledgerApp, { type: "Ledger", profile: "enforceable" }],
    [goNitroLedgerApp, { type: "Ledger", profile: "go-nitro" }],
    [paymentApp, { type: "Virtual", profile: "enforceable" }],
    [agreedLogApp, { type: "MessageLog", twin: undefined, judgeOf }],
    [rockPaperScissorsApp, gameOf(rockPaperScissorsTwin, ROCK_PAPER_SCISSORS_REDUCER)],
    [tacticsApp, gameOf(tacticsTwin, TACTICS_REDUCER)],
    [ZERO_ADDRESS, { type: "Virtual", profile: "go-nitro" }],
  ]);
}

/** A game whose contract decides what its reducer would. */
function gameOf(twin: Twin, reducer: Hash): MessageLogApp {
  return {
    type: "MessageLog",
    twin,
    judgeOf: (reducerId) => (reducerId === reducer ? "Twin" : undefined),
  };
}
