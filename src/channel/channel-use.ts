/** What a channel is for: its app says it when it opens, and it never changes. */
import type { ChannelId } from "./channel-id.ts";

/**
 * The two families of encodings and rules of ledger and virtual channels; a ledger never mixes them.
 * `enforceable` holds on the published contracts; `go-nitro` is what go-nitro's own nodes sign, and its
 * virtual channels cannot be enforced. Source: ADR 0013.
 */
export type Profile = "enforceable" | "go-nitro";

/** The use of one channel, as one participant has it. */
export type ChannelUse =
  /** Money changes hands by updates that all sign. */
  | { readonly type: "Direct" }
  /** Two who write a log of messages: what it pays follows from them. Source: ADR 0039, ADR 0040. */
  | {
      readonly type: "MessageLog";
      /** Whether the app's contract knows the rules of the game, so that a move needs one signature. */
      readonly hasTwin: boolean;
    }
  /** Funds other channels by guarantees. */
  | { readonly type: "Ledger"; readonly profile: Profile }
  /** Funded by guarantees, paid in by vouchers. */
  | {
      readonly type: "Virtual";
      readonly profile: Profile;
      /** What each intermediary gets for its part, in their order, of the channel's first asset. */
      readonly fees: readonly bigint[];
      /** The ledger channel that I share with the participant before me; undefined for the first. */
      readonly left: ChannelId | undefined;
      /** The ledger channel that I share with the participant after me; undefined for the last. */
      readonly right: ChannelId | undefined;
    };

/** Between the two who pay each other: at most 10, so that a route is open within seconds. */
export const INTERMEDIARIES_MAX = 10;

/** The use of a channel that pays by updates. */
export const DIRECT_USE: ChannelUse = { type: "Direct" };

/** True where the participants begin states in turns; where not, the first one always does. */
export function isInTurns({ type }: ChannelUse): boolean {
  return type === "Direct" || type === "MessageLog";
}

/** True for the channel of a game that its contract knows, so that a move needs one signature. */
export function hasTwin({ use }: { readonly use: ChannelUse }): boolean {
  return use.type === "MessageLog" && use.hasTwin;
}

/** What passes from the left to the right of hop `hop`, counted from 0: the fees of all that follow. */
export function feeOfHop(fees: readonly bigint[], hop: number): bigint {
  return fees.slice(hop).reduce((sum, fee) => sum + fee, 0n);
}

/** The use once the ledger channel on one side is known, of a virtual channel that was taken back. */
export function withLedger(
  use: ChannelUse,
  side: "left" | "right",
  ledgerId: ChannelId,
): ChannelUse {
  if (use.type !== "Virtual") return use;
  return side === "left" ? { ...use, left: ledgerId } : { ...use, right: ledgerId };
}
