/**
 * The apps of message logs. Unlike the other contracts of the model they are not written anew: the rule off chain is
 * held against the contract by tests of its own, and is what the model asks. Source: ADR 0039.
 */
import { rockPaperScissorsTwin } from "../../../contracts/rock-paper-scissors.ts";
import { tacticsTwin } from "../../../contracts/tactics.ts";
import type { Destination } from "../../../src/channel/destination.ts";
import type { Twin } from "../../../src/channel/message-log-twin.ts";
import type { Outcome } from "../../../src/channel/outcome.ts";
import type { Address } from "../../../src/crypto/address.ts";
import { checkMessageLogSupport } from "../../../src/protocols/message-log-rule.ts";
import type { RecoveredState } from "../../../src/protocols/payment-rule.ts";
import { appOf } from "./app.ts";
import type { Contract } from "./contract.ts";
import type { Exit, RecoveredVariablePart } from "./structs.ts";

/** The app of games that no contract knows. */
export const agreedLogApp: Contract = messageLogApp(undefined);

/** The app of rock, paper, scissors. */
export const rockPaperScissorsApp: Contract = messageLogApp(rockPaperScissorsTwin);

/** The app of tactics. */
export const tacticsApp: Contract = messageLogApp(tacticsTwin);

function messageLogApp(twin: Twin | undefined): Contract {
  return appOf(({ candidate, fixedPart, proof }) => {
    const { appDefinition, challengeDuration, channelNonce, participants } = fixedPart;
    const claim = {
      fixedPart: {
        participants: participants as readonly Address[],
        channelNonce,
        appDefinition: appDefinition as Address,
        challengeDurationSec: Number(challengeDuration),
      },
      candidate: recoveredState(candidate),
      proof: proof.map(recoveredState),
    };
    const checked = checkMessageLogSupport(claim, twin);
    if (checked.ok) return "";
    return checked.reason.code === "MoveRefused" ? checked.reason.by : checked.reason.code;
  });
}

function recoveredState({ signedBy, variablePart }: RecoveredVariablePart): RecoveredState {
  const { appData, isFinal, outcome, turnNum } = variablePart;
  const read = { appData, isFinal, outcome: outcomeOf(outcome), turnNum: Number(turnNum) };
  return { variablePart: read, signedBy };
}

function outcomeOf(exits: readonly Exit[]): Outcome {
  return exits.map(({ allocations, asset, assetMetadata: { assetType, metadata } }) => ({
    asset: asset as Address,
    assetMetadata: { assetType: Number(assetType), metadata },
    allocations: allocations.map((one) => ({
      ...one,
      destination: one.destination as Destination,
      allocationType: Number(one.allocationType),
    })),
  }));
}
