/** The causal rules of objectives and of the transactions that they ask for. */
import { directDefundId, directFundId, parseUpdateId } from "../channel/objective-id.ts";
import { encodeState, TURN } from "../channel/state.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { fromHex, toHex } from "../primitives/hex.ts";
import type { ChainCall } from "../protocols/effects.ts";
import type {
  ObjectiveEvent,
  ObjectiveStatus,
  TransactionEvent,
  TransactionStatus,
} from "../protocols/objective.ts";
import { broken } from "./broken-rule.ts";
import { unknownChannel } from "./causal-channels.ts";
import type { Broken, History } from "./causal-history.ts";

type Created = ObjectiveEvent & { readonly type: "ObjectiveCreated" };
type LifeEvent = Exclude<ObjectiveEvent, TransactionEvent | Created>;

/** After which events an objective may meet which: by the status that it has then. */
const MAY_FOLLOW: Readonly<Record<LifeEvent["type"], readonly ObjectiveStatus[]>> = {
  ObjectiveApproved: ["Unapproved"],
  // A refused update may be refused once more: a signature for it was still under way.
  ObjectiveRejected: ["Unapproved", "Approved", "Rejected"],
  ObjectiveCranked: ["Unapproved", "Approved"],
  ObjectiveCompleted: ["Approved"],
};

/** The status after an event; none changes nothing. */
const STATUS_AFTER: Readonly<Partial<Record<LifeEvent["type"], ObjectiveStatus>>> = {
  ObjectiveApproved: "Approved",
  ObjectiveRejected: "Rejected",
  ObjectiveCompleted: "Completed",
};

const TRANSACTION_MAY_FOLLOW: Readonly<
  Record<Exclude<TransactionEvent["type"], "TransactionRequested">, readonly TransactionStatus[]>
> = {
  TransactionSubmitted: ["Requested"],
  TransactionConfirmed: ["Submitted"],
  // One that became pointless before it was signed has failed as well.
  TransactionFailed: ["Requested", "Submitted"],
};

const TRANSACTION_STATUS_AFTER: Readonly<
  Record<keyof typeof TRANSACTION_MAY_FOLLOW, TransactionStatus>
> = {
  TransactionSubmitted: "Submitted",
  TransactionConfirmed: "Confirmed",
  TransactionFailed: "Failed",
};

/** Learns an objective. */
export function learnObjective({ channels, objectives }: History, created: Created): Broken {
  const { channelId, objectiveId } = created;
  if (!channels.has(channelId)) return unknownChannel(channelId);
  if (objectives.has(objectiveId)) {
    return broken("ObjectiveTwice", `${objectiveId} is created again`);
  }
  objectives.set(objectiveId, { channelId, status: "Unapproved" });
  if (isNamedRightly(created)) return [];
  return broken("ObjectiveIdMismatch", `${objectiveId} is no ${created.goal.type} of ${channelId}`);
}

/** Learns how an objective goes on. */
export function learnProgress(history: History, event: LifeEvent): Broken {
  const unknown = brokenByObjective(history, event);
  if (unknown.length > 0) return unknown;
  const objective = history.objectives.get(event.objectiveId);
  if (objective === undefined) return [];
  const { status } = objective;
  objective.status = STATUS_AFTER[event.type] ?? status;
  if (MAY_FOLLOW[event.type].includes(status)) return [];
  const text = `${event.objectiveId} was ${status} when ${event.type} came`;
  return broken("ObjectiveOutOfOrder", text);
}

/** Learns how a transaction goes on. */
export function learnTransaction(history: History, event: TransactionEvent): Broken {
  const unknown = brokenByObjective(history, event);
  if (unknown.length > 0) return unknown;
  if (event.type === "TransactionRequested") return requested(history, event);
  const transaction = history.transactions.get(event.effectId);
  if (transaction === undefined) {
    return broken("UnknownTransaction", `${event.effectId} was not requested before`);
  }
  const { status } = transaction;
  transaction.status = TRANSACTION_STATUS_AFTER[event.type];
  const rules = event.type === "TransactionSubmitted" ? submitted(history, event) : [];
  if (TRANSACTION_MAY_FOLLOW[event.type].includes(status)) return rules;
  const text = `${event.effectId} was ${status} when ${event.type} came`;
  return [...rules, ...broken("TransactionOutOfOrder", text)];
}

/** What an event names must exist, and belong together. */
export function brokenByObjective(
  { channels, objectives }: History,
  { channelId, objectiveId }: Pick<Created, "channelId" | "objectiveId">,
): Broken {
  if (!channels.has(channelId)) return unknownChannel(channelId);
  const objective = objectives.get(objectiveId);
  if (objective?.channelId === channelId) return [];
  const what = objective === undefined ? "was not created before" : `is not about ${channelId}`;
  return broken("UnknownObjective", `${objectiveId} ${what}`);
}

/** This node signs only for what its policy, or its owner, has approved. */
export function brokenByApproval(
  { objectives }: History,
  { objectiveId }: Pick<Created, "objectiveId">,
): Broken {
  const status = objectives.get(objectiveId)?.status;
  if (status === undefined || status === "Approved") return [];
  const text = `${objectiveId} was ${status} when this node signed or paid for it`;
  return broken("SignedUnapproved", text);
}

function isNamedRightly({ channelId, goal, objectiveId, openedBy }: Created): boolean {
  switch (goal.type) {
    case "DirectFund":
      return objectiveId === directFundId(channelId);
    case "DirectDefund":
      return objectiveId === directDefundId(channelId);
    case "Update":
      return parseUpdateId(channelId, objectiveId)?.by === openedBy;
  }
}

function requested(
  history: History,
  event: TransactionEvent & { readonly type: "TransactionRequested" },
): Broken {
  const { call, effectId, objectiveId } = event;
  const isKnown = history.transactions.has(effectId);
  history.transactions.set(effectId, { objectiveId, status: "Requested" });
  const twice = isKnown ? broken("TransactionTwice", `${effectId} is requested again`) : [];
  return [...twice, ...brokenByApproval(history, event), ...brokenByCall(history, call)];
}

function brokenByCall({ channels }: History, call: ChainCall): Broken {
  const channel = channels.get(call.channelId);
  if (channel === undefined) return unknownChannel(call.channelId);
  const { channelId } = call;
  const { supportedTurn = -1 } = channel;
  if (call.type !== "ConcludeAndTransferAllAssets") {
    if (supportedTurn >= TURN.prefund) return [];
    return broken("DepositTooEarly", `not everybody had signed the prefund of ${channelId}`);
  }
  const final = channel.states.get(supportedTurn);
  const isIt =
    final?.variablePart.isFinal === true &&
    equalBytes(final.encoded, encodeState(channelId, call.variablePart));
  if (!isIt) {
    const text = `${channelId} is concluded with another state than a final supported one`;
    return broken("ConcludedTooEarly", text);
  }
  const areKnown = call.signatures.every((one, by) => final.signatures[by] === one);
  if (areKnown) return [];
  const text = `a signature in the call that concludes ${channelId} was never recorded`;
  return broken("UnrecordedSignature", text);
}

function submitted(
  history: History,
  event: TransactionEvent & { readonly type: "TransactionSubmitted" },
): Broken {
  const { effectId, nonce, raw, transactionHash } = event;
  const { lastNonce } = history;
  history.lastNonce = Math.max(nonce, lastNonce ?? nonce);
  const hash = toHex(keccak256(fromHex(raw)));
  return [
    ...(nonce > (lastNonce ?? -1)
      ? []
      : broken("NonceNotIncreased", `${effectId} has nonce ${nonce}, the last one ${lastNonce}`)),
    ...(hash === transactionHash
      ? []
      : broken("TransactionHashMismatch", `the signed bytes of ${effectId} have another hash`)),
  ];
}
