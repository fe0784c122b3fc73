/** Hostile messages while the guarantee for a virtual channel is awaited. */
import { supportedState } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { virtualDefundId, virtualFundId } from "../../src/channel/objective-id.ts";
import { AMOUNT_MAX } from "../../src/channel/outcome.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { stranger } from "./hostile-messages.ts";
import {
  changing,
  completing,
  leave,
  ledgerState,
  proposing,
  sharing,
  type VirtualRow,
  virtualRowsAt,
} from "./virtual-messages.ts";
import {
  channelAt,
  FEE,
  ledgerProposal,
  NO_SIGNATURE,
  removal,
  virtualFinal,
  virtualOutcome,
  virtualPrefund,
  virtualState,
} from "./virtual-scene.ts";

const addressShaped = `0x${"00".repeat(12)}${"77".repeat(20)}` as ChannelId;

/** What Eve may not do while her guarantee is awaited. */
export const BEFORE_THE_GUARANTEE: readonly VirtualRow[] = virtualRowsAt("prefunded", [
  {
    name: "a guarantee for an objective that nobody knows",
    code: "UnknownObjective",
    message: changing(
      (honest) => honest,
      ({ ledgers }) => virtualFundId(ledgers.own),
    ),
  },
  {
    name: "a guarantee for the objective of another channel",
    code: "UnknownObjective",
    message: changing((honest, { ledgers }) => ({ ...honest, target: ledgers.second })),
  },
  {
    name: "a guarantee for the ledger itself",
    code: "UnknownObjective",
    message: changing(
      (honest, { ledgers }) => ({ ...honest, target: ledgers.own }),
      ({ ledgers }) => virtualFundId(ledgers.own),
    ),
  },
  {
    name: "a guarantee for an account",
    code: "UnknownObjective",
    message: changing(
      (honest) => ({ ...honest, target: addressShaped }),
      () => virtualFundId(addressShaped),
    ),
  },
  {
    name: "the guarantee in another ledger of theirs",
    code: "WrongLedger",
    message: proposing(({ ledgers }) => ({ channelId: ledgers.second })),
  },
  {
    name: "the guarantee in a ledger that Alice leads",
    code: "NotTheLeader",
    message: proposing(({ ledgers }) => ({ channelId: ledgers.followed })),
  },
  {
    name: "the guarantee in a ledger that is not hers",
    code: "NotAParticipant",
    message: proposing(({ ledgers }) => ({ channelId: ledgers.onward })),
  },
  {
    name: "the guarantee in a channel that is no ledger",
    code: "NotALedger",
    message: (scene) => ({
      ...ledgerProposal(scene),
      channelId: scene.channelId,
    }),
  },
  {
    name: "the guarantee, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: proposing(() => ({})),
  },
  {
    name: "the guarantee far ahead",
    code: "TurnOutOfOrder",
    message: proposing(() => ({ turnNum: 1_000 })),
  },
  {
    name: "the guarantee on a state that nobody knows",
    code: "UnknownBase",
    message: proposing(() => ({ baseTurnNum: 900 })),
  },
  {
    name: "a state without any change",
    code: "NothingProposed",
    message: proposing(() => ({ changes: [] })),
  },
  {
    name: "more than she has",
    code: "InsufficientFunds",
    message: sharing(41n, 4n),
  },
  {
    name: "more than Alice has",
    code: "InsufficientFunds",
    message: sharing(6n, 22n),
  },
  {
    name: "shares that overflow when added",
    code: "AmountOutOfRange",
    message: sharing(AMOUNT_MAX, 1n),
  },
  { name: "shares of nothing", code: "SharesMalformed", message: sharing(0n, 0n) },
  {
    name: "an asset twice in one guarantee",
    code: "SharesMalformed",
    message: changing((honest) => ({ ...honest, shares: [...honest.shares, ...honest.shares] })),
  },
  {
    name: "an asset that the ledger does not have",
    code: "AssetMismatch",
    message: changing((honest) => ({
      ...honest,
      shares: honest.shares.map((share) => ({ ...share, asset: stranger })),
    })),
  },
  {
    name: "a guarantee to a stranger",
    code: "NotTheParties",
    message: changing((honest, { ivan }) => ({
      ...honest,
      guarantee: { ...honest.guarantee, right: externalDestination(ivan.address) },
    })),
  },
  {
    name: "a guarantee whose two sides are one",
    code: "NotTheParties",
    message: changing((honest) => ({
      ...honest,
      guarantee: { ...honest.guarantee, right: honest.guarantee.left },
    })),
  },
  {
    name: "the way out before the way in",
    code: "GuaranteeMissing",
    message: changing((_, scene) => removal(scene)),
  },
  {
    name: "the guarantee with a signature of nothing",
    code: "WrongSignature",
    message: proposing(() => ({ signature: NO_SIGNATURE })),
  },
  {
    name: "the guarantee with a signature on another state",
    code: "WrongSignature",
    message: proposing((scene) => ({ signed: ledgerState(scene) })),
  },
  {
    name: "the guarantee with the signature of another",
    code: "WrongSignature",
    message: proposing((scene) => ({
      signature: scene.ivan.sign(scene.ledgers.own, ledgerState(scene)),
    })),
  },
  {
    name: "evidence that nobody signed",
    code: "WrongSignature",
    message: proposing(() => ({ evidence: [[NO_SIGNATURE, NO_SIGNATURE, NO_SIGNATURE]] })),
  },
  {
    name: "evidence of more than there are",
    code: "WrongSignature",
    message: proposing((scene) => {
      const known = supportedState(channelAt(scene, scene.channelId)).signatures;
      const signatures = known.map((one) => assertDefined(one, "a signature"));
      return { evidence: [[...signatures, NO_SIGNATURE]] };
    }),
  },
  {
    name: "an agreement to a state that she proposes herself",
    code: "NotTheFollower",
    message: ({ ledgers }) => ({
      type: "LedgerCountersignature",
      channelId: ledgers.own,
      turnNum: 2,
      signature: NO_SIGNATURE,
    }),
  },
  {
    name: "an agreement to what nobody proposed",
    code: "TurnOutOfOrder",
    message: ({ ledgers }) => ({
      type: "LedgerCountersignature",
      channelId: ledgers.followed,
      turnNum: 2,
      signature: NO_SIGNATURE,
    }),
  },
  {
    name: "a refusal of what she proposes herself",
    code: "NotTheFollower",
    message: ({ ledgers }) => ({
      type: "LedgerRefusal",
      channelId: ledgers.own,
      turnNum: 2,
      code: "NotWhatWasAgreed",
    }),
  },
  {
    name: "the prefund once more, with other shares",
    code: "ConflictingState",
    message: (scene) => virtualPrefund(scene, { outcome: virtualOutcome(scene.world, [5n, 4n]) }),
  },
  {
    name: "the prefund once more, for another fee",
    code: "ConflictingState",
    message: (scene) => virtualPrefund(scene, { fees: [FEE + 1n] }),
  },
  {
    name: "the prefund once more, over another ledger",
    code: "WrongLedger",
    message: (scene) => virtualPrefund(scene, { ledgerId: scene.ledgers.second }),
  },
  {
    name: "the prefund once more, with more signatures than there are",
    code: "WrongSignature",
    message: (scene) => {
      const signatures = [...virtualPrefund(scene).signatures];
      return virtualPrefund(scene, {
        signatures: [...signatures, ...Array.from({ length: 4 }, () => NO_SIGNATURE)],
      });
    },
  },
  { name: "a prefund that nobody completed", code: "WrongSignature", message: completing(3) },
  { name: "a prefund of too few", code: "WrongSignature", message: completing(2) },
  {
    name: "a complete prefund, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: completing(3),
  },
  {
    name: "a refusal, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: leave(({ channelId }) => virtualFundId(channelId)),
  },
  {
    name: "a refusal of what nobody knows",
    code: "UnknownObjective",
    message: leave(({ channelId }) => virtualDefundId(channelId)),
  },
  {
    name: "a postfund with other shares",
    code: "ConflictingState",
    message: (scene) => virtualState(scene, { outcome: virtualOutcome(scene.world, [5n, 5n]) }),
  },
  {
    name: "a postfund with the signature of another",
    code: "WrongSignature",
    message: (scene) => {
      const { signature } = virtualState(scene, { turnNum: 2 });
      return { ...virtualState(scene), signature };
    },
  },
  {
    name: "a state behind the postfund",
    code: "TurnOutOfOrder",
    message: (scene) => virtualState(scene, { turnNum: 2 }),
  },
  {
    name: "a final state at another turn",
    code: "TurnOutOfOrder",
    message: (scene) => virtualFinal(scene, { turnNum: 2 }),
  },
]);
