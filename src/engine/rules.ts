/** What a node was set up to do: its key, its apps, its assets, its policy. Fixed while it runs. */
import type { FixedPart } from "../channel/fixed-part.ts";
import { checkFixedPart } from "../channel/fixed-part.ts";
import type { Outcome } from "../channel/outcome.ts";
import { checkVariablePart, TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { checkOpeningOutcome } from "../protocols/direct-fund.ts";
import type { Context } from "../protocols/protocol.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Policy } from "./policy.ts";

/** The arguments of every decision. */
export type Rules = {
  readonly me: Address;
  readonly context: Context;
  readonly policy: Policy;
  /** Assets that this node puts money into; others may keep what they are paid. */
  readonly isAssetAllowed: (asset: Address) => boolean;
  /** True when the address book holds this participant. */
  readonly isReachable: (participant: Address) => boolean;
};

/**
 * Seconds that a challenge must stay answerable: 300, 5 minutes, about 25 blocks.
 * Below it an honest node has no time to see a challenge and get an answer mined. Source: Nitro
 * protocol documentation, "states", which asks participants to check it.
 */
export const CHALLENGE_DURATION_MIN_SEC = 300;

/** Seconds that money may be locked by a challenge: 13,392,000, 155 days, five months. Same source. */
export const CHALLENGE_DURATION_MAX_SEC = 13_392_000;

/** Refuses to open what this node could not fund, judge or enforce, whoever proposes it. */
export function checkOpening(
  opening: { readonly fixedPart: FixedPart; readonly outcome: Outcome; readonly appData: Hex },
  rules: Rules,
): Result<undefined, Rejection> {
  const { appData, fixedPart, outcome } = opening;
  const fixed = checkFixedPart(fixedPart);
  if (!fixed.ok) return fixed;
  const variable = checkVariablePart({ outcome, appData, turnNum: TURN.prefund, isFinal: false });
  if (!variable.ok) return variable;
  if (!fixedPart.participants.includes(rules.me)) return reject({ code: "NotAParticipant" });
  if (!isDurationAllowed(fixedPart.challengeDurationSec)) {
    return reject({ code: "ChallengeDurationOutOfBounds" });
  }
  if (rules.context.ruleOf(fixedPart.appDefinition) === undefined) {
    return reject({ code: "AppNotAllowed" });
  }
  if (!outcome.every(({ asset }) => rules.isAssetAllowed(asset))) {
    return reject({ code: "AssetNotAllowed" });
  }
  const isEveryoneKnown = fixedPart.participants.every(
    (participant) => participant === rules.me || rules.isReachable(participant),
  );
  if (!isEveryoneKnown) return reject({ code: "PeerUnknown" });
  const fundable = checkOpeningOutcome(fixedPart, outcome);
  return fundable.ok ? accept(undefined) : fundable;
}

function isDurationAllowed(durationSec: number): boolean {
  return durationSec >= CHALLENGE_DURATION_MIN_SEC && durationSec <= CHALLENGE_DURATION_MAX_SEC;
}
