/** The causal rules of objectives and of the transactions that they ask for. */
import {
  directDefundId,
  directFundId,
  disputeId,
  parseUpdateId,
  virtualDefundId,
  virtualFundId,
  withdrawalId,
} from "../channel/objective-id.ts";
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
import { settle, settledStatus } from "./causal-settled.ts";

type Created = ObjectiveEvent & { readonly type: "ObjectiveCreated" };
type LifeEvent = Exclude<ObjectiveEvent, TransactionEvent | Created>;
type Named = Pick<Created, "channelId" | "objectiveId">;

/** After which events an objective may meet which: by the status that it has then. */
const MAY_FOLLOW: Readonly<Record<LifeEvent["type"], readonly ObjectiveStatus[]>> = {
  ObjectiveApproved: ["Unapproved"],
  // A refused update may be refused once more: a signature for it was still under way.
  ObjectiveRejected: ["Unapproved", "Approved", "Rejected"],
  ObjectiveCranked: ["Unapproved", "Approved"],
  PaymentsStopped: ["Unapproved", "Approved"],
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
  // A dearer one takes the place of one that is not mined.
  TransactionSubmitted: ["Requested", "Submitted"],
  TransactionConfirmed: ["Submitted"],
  TransactionVanished: ["Confirmed"],
  // One that became pointless before it was signed has failed as well.
  TransactionFailed: ["Requested", "Submitted"],
};

const TRANSACTION_STATUS_AFTER: Readonly<
  Record<keyof typeof TRANSACTION_MAY_FOLLOW, TransactionStatus>
> = {
  TransactionSubmitted: "Submitted",
  TransactionConfirmed: "Confirmed",
  TransactionVanished: "Submitted",
  TransactionFailed: "Failed",
};

/** Learns an objective. */
export function learnObjective(history: History, created: Created): Broken {
  const { channelId, objectiveId } = created;
  if (!history.channels.has(channelId)) return unknownChannel(channelId);
  const isAgain = mayBeAgain(created, statusOf(history, created));
  const isKnown = history.objectives.has(objectiveId) || statusOf(history, created) !== undefined;
  if (isKnown && !isAgain) {
    return broken("ObjectiveTwice", `${objectiveId} is created again`);
  }
  setStatus(history, created, "Unapproved");
  const channel = history.channels.get(channelId);
  if (channel !== undefined && created.goal.type === "Dispute") channel.isDisputed = true;
  if (isNamedRightly(created)) return [];
  return broken("ObjectiveIdMismatch", `${objectiveId} is no ${created.goal.type} of ${channelId}`);
}

/** Under the same name: a closing that was refused, and a dispute that a reorganisation has undone. */
function mayBeAgain({ goal }: Created, status: ObjectiveStatus | undefined): boolean {
  if (goal.type === "Dispute") return status === "Completed";
  return goal.type === "DirectDefund" && status === "Rejected";
}

/** Learns how an objective goes on. */
export function learnProgress(history: History, event: LifeEvent): Broken {
  const unknown = brokenByObjective(history, event);
  if (unknown.length > 0) return unknown;
  const status = statusOf(history, event);
  if (status === undefined) return [];
  setStatus(history, event, STATUS_AFTER[event.type] ?? status);
  if (event.type === "PaymentsStopped") {
    history.channels.get(event.channelId)?.stopped.add(event.by);
  }
  if (MAY_FOLLOW[event.type].includes(status)) return [];
  const text = `${event.objectiveId} was ${status} when ${event.type} came`;
  return broken("ObjectiveOutOfOrder", text);
}

/** Learns how a transaction goes on. */
export function learnTransaction(history: History, event: TransactionEvent): Broken {
  const unknown = brokenByObjective(history, event);
  if (unknown.length > 0) return unknown;
  if (event.type === "TransactionRequested") return requested(history, event);
  const status = history.transactions.get(event.effectId);
  if (status === undefined) {
    return broken("UnknownTransaction", `${event.effectId} was not requested before`);
  }
  history.transactions.set(event.effectId, TRANSACTION_STATUS_AFTER[event.type]);
  const rules = event.type === "TransactionSubmitted" ? submitted(history, event) : [];
  if (TRANSACTION_MAY_FOLLOW[event.type].includes(status)) return rules;
  const text = `${event.effectId} was ${status} when ${event.type} came`;
  return [...rules, ...broken("TransactionOutOfOrder", text)];
}

/** What an event names must exist, and belong together. */
export function brokenByObjective(history: History, named: Named): Broken {
  const { channelId, objectiveId } = named;
  if (!history.channels.has(channelId)) return unknownChannel(channelId);
  if (statusOf(history, named) !== undefined) return [];
  const isAnother = history.objectives.has(objectiveId);
  const what = isAnother ? `is not about ${channelId}` : "was not created before";
  return broken("UnknownObjective", `${objectiveId} ${what}`);
}

/** This node signs only for what its policy, or its owner, has approved. */
export function brokenByApproval(history: History, named: Named): Broken {
  const { objectiveId } = named;
  const status = statusOf(history, named);
  if (status === undefined || status === "Approved") return [];
  const text = `${objectiveId} was ${status} when this node signed or paid for it`;
  return broken("SignedUnapproved", text);
}

/** The status of an objective; undefined where the channel has none of this name. */
export function statusOf(
  { channels, objectives }: History,
  { channelId, objectiveId }: Named,
): ObjectiveStatus | undefined {
  const objective = objectives.get(objectiveId);
  if (objective !== undefined) {
    const isOwn = objective.channelId === channelId;
    // A withdrawal is about two channels: the one that ends, and the one that goes on.
    const nonce = channels.get(channelId)?.created.fixedPart.channelNonce;
    const isNext = nonce !== undefined && objectiveId === withdrawalId(objective.channelId, nonce);
    return isOwn || isNext ? objective.status : undefined;
  }
  const name = parseUpdateId(channelId, objectiveId);
  const channel = channels.get(channelId);
  return name && channel && settledStatus(channel.settledUpdates, name);
}

function setStatus(
  { channels, objectives }: History,
  { channelId, objectiveId }: Named,
  status: ObjectiveStatus,
): void {
  const isOver = status === "Completed" || status === "Rejected";
  const name = isOver ? parseUpdateId(channelId, objectiveId) : undefined;
  const channel = channels.get(channelId);
  if (!isOver || name === undefined || channel === undefined) {
    objectives.set(objectiveId, { channelId, status });
    return;
  }
  objectives.delete(objectiveId);
  settle(channel.settledUpdates, name, status);
}

function isNamedRightly({ channelId, goal, objectiveId, openedBy }: Created): boolean {
  switch (goal.type) {
    case "DirectFund":
      return objectiveId === directFundId(channelId);
    case "DirectDefund":
      return objectiveId === directDefundId(channelId);
    case "Update":
      return parseUpdateId(channelId, objectiveId)?.by === openedBy;
    case "VirtualFund":
      return objectiveId === virtualFundId(channelId);
    case "VirtualDefund":
      return objectiveId === virtualDefundId(channelId);
    case "Dispute":
      return objectiveId === disputeId(channelId);
    case "TopUp":
      return objectiveId.startsWith(`TopUp-${channelId}-${openedBy}-`);
    case "Withdrawal":
      return objectiveId === withdrawalId(channelId, goal.nonce);
  }
}

function requested(
  history: History,
  event: TransactionEvent & { readonly type: "TransactionRequested" },
): Broken {
  const { call, effectId } = event;
  const isKnown = history.transactions.has(effectId);
  history.transactions.set(effectId, "Requested");
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
  const { lastNonce, nonces } = history;
  // A dearer one that takes its place has its nonce.
  const isReplacing = nonces.get(effectId) === nonce;
  nonces.set(effectId, nonce);
  history.lastNonce = Math.max(nonce, lastNonce ?? nonce);
  const hash = toHex(keccak256(fromHex(raw)));
  return [
    ...(isReplacing || nonce > (lastNonce ?? -1)
      ? []
      : broken("NonceNotIncreased", `${effectId} has nonce ${nonce}, the last one ${lastNonce}`)),
    ...(hash === transactionHash
      ? []
      : broken("TransactionHashMismatch", `the signed bytes of ${effectId} have another hash`)),
  ];
}
