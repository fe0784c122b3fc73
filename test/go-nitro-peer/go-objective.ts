/** What the objectives of a go-nitro node have in common. Source: go-nitro, protocols/interfaces.go. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type {
  GoNitroPayload,
  GoNitroProposal,
  GoNitroSignedProposal,
} from "../../src/messages/go-nitro/message.ts";
import type { Content } from "../../src/network/go-nitro/word.ts";
import type { GoChannel, GoState } from "./go-channel.ts";
import type { GoKey } from "./go-key.ts";
import { panic } from "./go-panic.ts";

export type GoStatus = "Unapproved" | "Approved" | "Rejected" | "Completed";

export type GoTransaction =
  | { readonly type: "Deposit"; readonly channelId: ChannelId; readonly amount: bigint }
  | { readonly type: "WithdrawAll"; readonly channel: GoChannel; readonly state: GoState };

/** What a crank asks for. */
export type SideEffects = {
  readonly messages: { readonly to: Address; readonly content: Content }[];
  readonly transactions: GoTransaction[];
  readonly proposals: GoNitroProposal[];
};

export const noEffects = (): SideEffects => ({ messages: [], transactions: [], proposals: [] });

export type GoObjective = {
  readonly id: ObjectiveId;
  readonly channel: GoChannel;
  status: GoStatus;
  readonly update: (payload: GoNitroPayload) => void;
  /** Undefined where proposals are nothing for this objective. */
  readonly receiveProposal: ((signed: GoNitroSignedProposal) => void) | undefined;
  /** What an approved one waits for; `Nothing` when it is complete. */
  readonly crank: (effects: SideEffects) => string;
};

const EMPTY: Content = {
  payloads: [],
  ledgerProposals: [],
  payments: [],
  rejectedObjectives: [],
};

export const withPayload = (payload: GoNitroPayload): Content => ({
  ...EMPTY,
  payloads: [payload],
});

export const withProposals = (ledgerProposals: readonly GoNitroSignedProposal[]): Content => ({
  ...EMPTY,
  ledgerProposals,
});

export const withPayment = (voucher: Content["payments"][number]): Content => ({
  ...EMPTY,
  payments: [voucher],
});

/** Signs a state, and tells everybody else this one signature. */
export function signAndTell(
  { channel, id }: GoObjective,
  variablePart: VariablePart,
  key: GoKey,
  effects: SideEffects,
): void {
  const { signatures } = channel.sign(variablePart, key);
  const { fixedPart } = channel;
  const payload = { type: "SignedState", objectiveId: id, fixedPart, variablePart, signatures };
  for (const to of fixedPart.participants) {
    if (to === key.address) continue;
    effects.messages.push({ to, content: withPayload(payload as GoNitroPayload) });
  }
}

/** The state of a payload that must be one. */
export function signedStateOf(
  payload: GoNitroPayload,
): GoNitroPayload & { readonly type: "SignedState" } {
  return payload.type === "SignedState" ? payload : panic("could not unmarshal signed state");
}

/** The amount of an allocation of the one asset. */
export function amountAt(outcome: Outcome, index: number): bigint {
  return outcome[0]?.allocations[index]?.amount ?? panic("index out of range");
}
