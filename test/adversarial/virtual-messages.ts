/** How the hostile messages about virtual channels are made. */
import { supportedState } from "../../src/channel/channel.ts";
import type { LedgerProposal } from "../../src/channel/ledger-proposal.ts";
import { type ObjectiveId, virtualFundId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Message } from "../../src/messages/message.ts";
import type { VirtualStage } from "./virtual-scene.ts";
import {
  addition,
  channelAt,
  ledgerProposal,
  NO_SIGNATURE,
  type ProposalChanges,
  type VirtualScene,
} from "./virtual-scene.ts";

/** One hostile message, and the code that Alice answers. */
export type VirtualRow = {
  readonly name: string;
  readonly code: string;
  readonly stage: VirtualStage;
  readonly message: (scene: VirtualScene) => Message | Uint8Array;
  /** A stranger to the channel says it, if not Eve. */
  readonly by?: "ivan";
};

/** Rows for one stage of the virtual channel. */
export function virtualRowsAt(
  stage: VirtualStage,
  rows: readonly Omit<VirtualRow, "stage">[],
): readonly VirtualRow[] {
  return rows.map((row) => ({ stage, ...row }));
}

type Addition = ReturnType<typeof addition>;
type Change<Value> = (scene: VirtualScene) => Value;

/** A state of a ledger that Eve leads, with something wrong in it. */
export const proposing = (changes: Change<ProposalChanges>): VirtualRow["message"] => {
  return (scene) => ledgerProposal(scene, changes(scene));
};

/** One change, wanted for the opening of the channel unless another objective is named. */
export const changing = (
  change: (honest: Addition, scene: VirtualScene) => LedgerProposal,
  objectiveOf: Change<ObjectiveId> = ({ channelId }) => virtualFundId(channelId),
): VirtualRow["message"] =>
  proposing((scene) => ({
    changes: [{ objectiveId: objectiveOf(scene), proposal: change(addition(scene), scene) }],
  }));

/** The supported state of Eve's first ledger. */
export const ledgerState = (scene: VirtualScene): VariablePart =>
  supportedState(channelAt(scene, scene.ledgers.own)).variablePart;

/** Shares of the guarantee that Eve and Alice agreed on, with something wrong in them. */
export const sharing = (left: bigint, right: bigint): VirtualRow["message"] =>
  changing((honest) => ({
    ...honest,
    shares: honest.shares.map((share) => ({ ...share, left, right })),
  }));

/** A wish to leave an objective. */
export const leave = (objectiveOf: (scene: VirtualScene) => ObjectiveId): VirtualRow["message"] => {
  return (scene) => ({
    type: "ObjectiveRejection",
    objectiveId: objectiveOf(scene),
    channelId: scene.channelId,
    code: "PolicyRefused",
  });
};

/** The end of the prefund, with signatures of nobody. */
export const completing = (count: number): VirtualRow["message"] => {
  return ({ channelId }) => ({
    type: "CompletePrefund",
    objectiveId: virtualFundId(channelId),
    channelId,
    signatures: Array.from({ length: count }, () => NO_SIGNATURE),
  });
};
