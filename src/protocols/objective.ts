/** A goal that a node pursues for a channel, and the facts that move it on. */
import type { Change } from "../channel/change.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { WithdrawnAmount } from "../channel/successor.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "./effects.ts";

/** Approved objectives are cranked; the others wait for the policy, or are over. */
export type ObjectiveStatus = "Unapproved" | "Approved" | "Rejected" | "Completed";

/** What is to be reached. */
export type Goal =
  | { readonly type: "DirectFund" }
  | { readonly type: "DirectDefund" }
  /** `change` is known to the one who asked and to the mover; the others see the resulting state. */
  | { readonly type: "Update"; readonly change: Change | undefined }
  | { readonly type: "VirtualFund" }
  | { readonly type: "VirtualDefund" }
  /** Of this node alone: the chain decides what the channel pays. Source: ADR 0027. */
  | { readonly type: "Dispute" }
  /** Of the one who opened it: she deposits into a running ledger channel. */
  | { readonly type: "TopUp"; readonly asset: Address; readonly amount: bigint }
  /** `nonce` is that of the channel that goes on. Not all of the money is paid out. */
  | {
      readonly type: "Withdrawal";
      readonly nonce: bigint;
      readonly amounts: readonly WithdrawnAmount[];
    };

/** How far a transaction of mine is. Failed ones may be asked for again under another id. */
export type TransactionStatus = "Requested" | "Submitted" | "Confirmed" | "Failed";

/** Only `evolveObjective` makes a new one. */
export type Objective = {
  readonly id: ObjectiveId;
  readonly channelId: ChannelId;
  readonly goal: Goal;
  /** The participant who asked for it. */
  readonly openedBy: number;
  readonly status: ObjectiveStatus;
  /** Why it was rejected. */
  readonly rejectionCode: string | undefined;
  /** The turn of the state that serves this objective, once somebody signed it. */
  readonly turnNum: number | undefined;
  /** The turn whose mover I asked to sign first; or that I, its mover, was asked for. */
  readonly askedTurnNum: number | undefined;
  readonly transactions: ReadonlyMap<EffectId, TransactionStatus>;
  /** Participants who have said that they promise nothing more in the channel. */
  readonly stopped: readonly number[];
};

/** Facts about objectives and their transactions. */
export type ObjectiveEvent =
  | {
      /** Somebody asked for it: this node, or a peer whose message was taken. */
      readonly type: "ObjectiveCreated";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly goal: Goal;
      readonly openedBy: number;
    }
  | {
      /** The policy of this node agreed: from now on the objective is cranked. */
      readonly type: "ObjectiveApproved";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
    }
  | {
      /** Participant `by` will not take part, and `code` says why. The objective is over. */
      readonly type: "ObjectiveRejected";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly by: number;
      readonly code: string;
    }
  | {
      /** Records what no other event shows: which turn's mover was asked, by me or by somebody else. */
      readonly type: "ObjectiveCranked";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly askedTurnNum: number;
    }
  | {
      /** Participant `by` issues no voucher any more, and has sent all that she issued. */
      readonly type: "PaymentsStopped";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly by: number;
    }
  | {
      /** The goal is reached. The objective is over. */
      readonly type: "ObjectiveCompleted";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
    }
  | TransactionEvent;

/** The life of one transaction: asked for, signed under a nonce, and seen in a confirmed block. */
export type TransactionEvent =
  | {
      /** The outbox entry of a `SubmitTransaction`. */
      readonly type: "TransactionRequested";
      readonly effectId: EffectId;
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly call: ChainCall;
    }
  | {
      /** Signed and durable, about to be sent: sending these very bytes again is always harmless. */
      readonly type: "TransactionSubmitted";
      readonly effectId: EffectId;
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly nonce: number;
      readonly transactionHash: Hash;
      readonly raw: Hex;
    }
  | {
      /** It succeeded in a confirmed block. */
      readonly type: "TransactionConfirmed";
      readonly effectId: EffectId;
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly blockNumber: number;
      readonly gasUsed: bigint;
    }
  | {
      /** It will never succeed as it is, and `reason` says why. */
      readonly type: "TransactionFailed";
      readonly effectId: EffectId;
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly reason: string;
    }
  | {
      /** Its block was confirmed, and is gone: the same bytes are sent again. */
      readonly type: "TransactionVanished";
      readonly effectId: EffectId;
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly call: ChainCall;
      /** As it was signed last. */
      readonly transactionHash: Hash;
      readonly raw: Hex;
    };

/** Makes the objective of an `ObjectiveCreated`. */
export function createObjective(created: ObjectiveEvent & { type: "ObjectiveCreated" }): Objective {
  const { channelId, goal, objectiveId, openedBy } = created;
  return {
    id: objectiveId,
    channelId,
    goal,
    openedBy,
    status: "Unapproved",
    rejectionCode: undefined,
    turnNum: undefined,
    askedTurnNum: undefined,
    transactions: new Map(),
    stopped: [],
  };
}

/**
 * Times that a transaction is asked for again under another name, because the one before has failed: 3. A deposit
 * fails when a reorganisation has taken away what it expected to find; with the same facts it can succeed.
 */
const ATTEMPTS_MAX = 3;

/** The name under which to ask for a transaction: a new one where it has failed. Undefined where it is under way, or done. */
export function nextAttempt({ transactions }: Objective, id: EffectId): EffectId | undefined {
  const names = Array.from({ length: ATTEMPTS_MAX }, (_, attempt) =>
    attempt === 0 ? id : (`${id}/${attempt}` as EffectId),
  );
  const open = names.find((name) => transactions.get(name) !== "Failed");
  return open === undefined || transactions.has(open) ? undefined : open;
}

/** Folds one fact into the objective. Never refuses: what is on disk has happened. */
export function evolveObjective(
  objective: Objective,
  event: Exclude<ObjectiveEvent, { type: "ObjectiveCreated" }>,
): Objective {
  switch (event.type) {
    case "ObjectiveApproved":
      return { ...objective, status: "Approved" };
    case "ObjectiveRejected":
      return { ...objective, status: "Rejected", rejectionCode: event.code };
    case "ObjectiveCranked":
      return asked(objective, event.askedTurnNum);
    case "PaymentsStopped":
      return { ...objective, stopped: [...objective.stopped, event.by] };
    case "ObjectiveCompleted":
      return { ...objective, status: "Completed" };
    case "TransactionRequested":
      return withTransaction(objective, event.effectId, "Requested");
    case "TransactionSubmitted":
    case "TransactionVanished":
      return withTransaction(objective, event.effectId, "Submitted");
    case "TransactionConfirmed":
      return withTransaction(objective, event.effectId, "Confirmed");
    case "TransactionFailed":
      return withTransaction(objective, event.effectId, "Failed");
  }
}

/** An update that is asked for behind its own turn is begun anew there: its own was passed over. */
function asked(objective: Objective, askedTurnNum: number): Objective {
  const { goal, turnNum } = objective;
  const isPassed = goal.type === "Update" && turnNum !== undefined && turnNum < askedTurnNum;
  return { ...objective, askedTurnNum, turnNum: isPassed ? undefined : turnNum };
}

/** True while the objective still wants something. */
export function isActive({ status }: Objective): boolean {
  return status === "Unapproved" || status === "Approved";
}

function withTransaction(objective: Objective, id: EffectId, status: TransactionStatus): Objective {
  return { ...objective, transactions: new Map(objective.transactions).set(id, status) };
}
