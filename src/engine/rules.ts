/** What a node was set up to do: its key, its apps, its assets, its policy. Fixed while it runs. */
import { type ChannelUse, DIRECT_USE, type Profile } from "../channel/channel-use.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { checkFixedPart } from "../channel/fixed-part.ts";
import type { Outcome } from "../channel/outcome.ts";
import { checkVariablePart, TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { checkOpeningOutcome } from "../protocols/direct-fund.ts";
import { checkLogOpening } from "../protocols/message-log-app.ts";
import type { App, Context } from "../protocols/protocol.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { KnownLedger } from "../protocols/route-ledgers.ts";
import { checkVirtualOpening } from "../protocols/virtual-fund.ts";
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
  /** What this node asks, as an intermediary, of the first asset of a virtual channel. */
  readonly fee: bigint;
  /** Guarantees that this node takes on in all ledger channels with one peer: see `peer-limit.ts`. */
  readonly guaranteesPerPeerMax: number;
  /** Ledger channels of others, over which a route may lead. Empty when the node knows its own only. */
  readonly knownLedgers: () => readonly KnownLedger[];
  /** What an intermediary asks, as far as this node knows; 0 when it does not. */
  readonly feeOf: (intermediary: Address) => bigint;
  /**
   * Seconds below which this node could lose a dispute on its chain: `challengeDurationMinSec` of the chain's
   * profile. `CHALLENGE_DURATION_MIN_SEC` counts where it is higher, or this is absent.
   */
  readonly challengeDurationMinSec?: number;
  /** Milliseconds after which what waits for others is left to the chain; `DISPUTE_AFTER_MS` when absent. */
  readonly disputeAfterMs?: number;
  /** Everybody in the address book. */
  readonly peers: () => readonly Address[];
  /** True for a peer that runs go-nitro; nobody does when absent. Source: ADR 0037. */
  readonly isGoNitro?: (peer: Address) => boolean;
  /**
   * Seconds that take the place of both minima in go-nitro's profile, whose own client opens everything with 0. A
   * ledger with less than its chain needs can be taken by any old state of it: its peer is trusted. Source: ADR 0037.
   */
  readonly goNitroDurationMinSec?: number;
};

/**
 * Seconds that a challenge must stay answerable: 300, 5 minutes, about 25 blocks.
 * Below it an honest node has no time to see a challenge and get an answer mined. Source: Nitro
 * protocol documentation, "states", which asks participants to check it.
 */
export const CHALLENGE_DURATION_MIN_SEC = 300;

/** Seconds that money may be locked by a challenge: 13,392,000, 155 days, five months. Same source. */
export const CHALLENGE_DURATION_MAX_SEC = 13_392_000;

/** What a channel opens with. */
export type Opening = {
  readonly fixedPart: FixedPart;
  readonly outcome: Outcome;
  readonly appData: Hex;
};

/** Refuses to open what this node could not fund, judge or enforce, whoever proposes it. */
export function checkOpening(opening: Opening, rules: Rules): Result<undefined, Rejection> {
  const { fixedPart, outcome } = opening;
  const judged = checkAnyOpening(opening, rules);
  if (!judged.ok) return judged;
  const app = judged.value;
  if (app.type === "Virtual") return reject({ code: "AppNotAllowed" });
  if (!outcome.every(({ asset }) => rules.isAssetAllowed(asset))) {
    return reject({ code: "AssetNotAllowed" });
  }
  if (!isEveryoneKnown(fixedPart, rules)) return reject({ code: "PeerUnknown" });
  const fundable = checkOpeningOutcome(fixedPart, outcome);
  if (!fundable.ok) return fundable;
  if (app.type === "MessageLog") return checkLogOpening(app, fixedPart, opening);
  return app.type === "Ledger" ? checkLedgerOpening(fixedPart, outcome) : accept(undefined);
}

/** A ledger has two sides, and a guarantee names them by their destinations. */
function checkLedgerOpening(
  { participants }: FixedPart,
  outcome: Outcome,
): Result<undefined, Rejection> {
  if (participants.length !== 2) return reject({ code: "NotALedger" });
  const isTold = outcome.every(({ allocations: [leader, follower] }) => {
    const [first] = outcome;
    return (
      leader?.destination !== follower?.destination &&
      leader?.destination === first?.allocations[0]?.destination &&
      follower?.destination === first?.allocations[1]?.destination
    );
  });
  return isTold ? accept(undefined) : reject({ code: "NotTheParties" });
}

/** What a channel with this app is for; a virtual one is more than its app says. */
export function useOfApp(appDefinition: Address, { context }: Rules): ChannelUse {
  const app = context.appOf(appDefinition);
  switch (app?.type) {
    case "Ledger":
      return { type: "Ledger", profile: app.profile };
    case "MessageLog":
      return { type: "MessageLog", hasTwin: app.twin !== undefined };
    default:
      return DIRECT_USE;
  }
}

/** Refuses a virtual channel that this node could not judge or fund, whoever proposes it. */
export function checkVirtual(
  opening: Opening & { readonly fees: readonly bigint[] },
  rules: Rules,
): Result<Profile, Rejection> {
  const { fees, fixedPart, outcome } = opening;
  const judged = checkAnyOpening(opening, rules);
  if (!judged.ok) return judged;
  const app = judged.value;
  if (app.type !== "Virtual") return reject({ code: "AppNotAllowed" });
  const fundable = checkVirtualOpening(app.profile, fixedPart, outcome, fees);
  if (!fundable.ok) return fundable;
  return isEveryoneKnown(fixedPart, rules) ? accept(app.profile) : reject({ code: "PeerUnknown" });
}

/** What holds for every channel: its parts can be read, I am in it, and I know its app. */
function checkAnyOpening(
  { appData, fixedPart, outcome }: Opening,
  rules: Rules,
): Result<App, Rejection> {
  const fixed = checkFixedPart(fixedPart);
  if (!fixed.ok) return fixed;
  const variable = checkVariablePart({ outcome, appData, turnNum: TURN.prefund, isFinal: false });
  if (!variable.ok) return variable;
  if (!fixedPart.participants.includes(rules.me)) return reject({ code: "NotAParticipant" });
  const app = rules.context.appOf(fixedPart.appDefinition);
  if (!isDurationAllowed(fixedPart.challengeDurationSec, app, rules)) {
    return reject({ code: "ChallengeDurationOutOfBounds" });
  }
  return app === undefined ? reject({ code: "AppNotAllowed" }) : accept(app);
}

function isEveryoneKnown({ participants }: FixedPart, { isReachable, me }: Rules): boolean {
  return participants.every((participant) => participant === me || isReachable(participant));
}

function isDurationAllowed(durationSec: number, app: App | undefined, rules: Rules): boolean {
  const { challengeDurationMinSec = 0, goNitroDurationMinSec } = rules;
  const minSec = Math.max(CHALLENGE_DURATION_MIN_SEC, challengeDurationMinSec);
  const isGoNitro =
    (app?.type === "Ledger" || app?.type === "Virtual") && app.profile === "go-nitro";
  const leastSec = isGoNitro ? (goNitroDurationMinSec ?? minSec) : minSec;
  return durationSec >= leastSec && durationSec <= CHALLENGE_DURATION_MAX_SEC;
}
