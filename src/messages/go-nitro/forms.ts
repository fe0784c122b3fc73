/** The forms of what go-nitro messages are made of: its structs, field by field. */
import type { ChannelId } from "../../channel/channel-id.ts";
import type { Destination } from "../../channel/destination.ts";
import { NONCE_MAX, PARTICIPANTS_MAX } from "../../channel/fixed-part.ts";
import {
  ALLOCATIONS_MAX,
  type Allocation,
  AMOUNT_MAX,
  ASSETS_MAX,
  METADATA_BYTES_MAX,
  type SingleAssetExit,
} from "../../channel/outcome.ts";
import { APP_DATA_BYTES_MAX, TURN_NUM_MAX } from "../../channel/state.ts";
import type { Signature } from "../../crypto/signature.ts";
import { assertDefined } from "../../primitives/assert.ts";
import type { Hex } from "../../primitives/hex.ts";
import {
  address,
  base64,
  converted,
  count,
  type Form,
  flag,
  hexBytes,
  list,
  nothing,
  objectOf,
  struct,
  whole,
} from "./json-form.ts";
import { type Json, refuse } from "./json-reader.ts";
import {
  EMPTY_SIGNATURE,
  type GoNitroPayload,
  type GoNitroProposal,
  type GoNitroSignedProposal,
  type GoNitroVoucher,
} from "./message.ts";

/** Go holds a challenge duration in 32 bits: 136 years. Source: go-nitro, channel/state/state.go. */
const CHALLENGE_DURATION_MAX_SEC: number = 2 ** 32 - 1;

const BYTE_MAX = 255;

const amount = whole(AMOUNT_MAX);
const turnNum = count(TURN_NUM_MAX);
const destination = hexBytes<Destination>(32);

/** The name of a channel. */
export const channelId: Form<ChannelId> = hexBytes<ChannelId>(32);

/** What Go writes for a signature that was never made: its `V` alone. */
const EMPTY_TEXT = "0x00";

const signatureBytes = hexBytes<Signature>(65);

const signature: Form<Signature> = {
  write: (value) => (value === EMPTY_SIGNATURE ? `"${EMPTY_TEXT}"` : signatureBytes.write(value)),
  read: (json, place) => (json === EMPTY_TEXT ? EMPTY_SIGNATURE : signatureBytes.read(json, place)),
};

const allocation: Form<Allocation> = converted(
  struct({
    Destination: destination,
    Amount: amount,
    AllocationType: count(BYTE_MAX),
    Metadata: base64(METADATA_BYTES_MAX, "null"),
  }),
  {
    write: (held) => ({
      Destination: held.destination,
      Amount: held.amount,
      AllocationType: held.allocationType,
      Metadata: held.metadata,
    }),
    read: (written) => ({
      destination: written.Destination,
      amount: written.Amount,
      allocationType: written.AllocationType,
      metadata: written.Metadata,
    }),
  },
);

const exit: Form<SingleAssetExit> = converted(
  struct({
    Asset: address,
    AssetMetadata: struct({
      AssetType: count(BYTE_MAX),
      Metadata: base64(METADATA_BYTES_MAX, "empty"),
    }),
    Allocations: list(allocation, ALLOCATIONS_MAX, "empty"),
  }),
  {
    write: ({ allocations, asset, assetMetadata }) => ({
      Asset: asset,
      AssetMetadata: { AssetType: assetMetadata.assetType, Metadata: assetMetadata.metadata },
      Allocations: allocations,
    }),
    read: ({ Allocations, Asset, AssetMetadata }) => ({
      asset: Asset,
      assetMetadata: { assetType: AssetMetadata.AssetType, metadata: AssetMetadata.Metadata },
      allocations: Allocations,
    }),
  },
);

const outcome = list(exit, ASSETS_MAX, "empty");

type Slots = readonly (Signature | undefined)[];

/** Go's map from the place of a participant to a signature: names are decimal, in the order of text. */
const signatures: Form<Slots> = {
  write: (slots) => {
    const places = [...slots.keys()].filter((place) => slots[place] !== undefined);
    const names = places.map(String).sort();
    return `{${names.map((name) => `"${name}":${signature.write(signatureAt(slots, name))}`).join(",")}}`;
  },
  read: (json, place) => {
    const slots: (Signature | undefined)[] = [];
    for (const [name, value] of objectOf(json, place)) {
      if (!/^(?:0|[1-9]\d{0,2})$/.test(name)) return refuse(place, "a name that is no place");
      slots[Number(name)] = signature.read(value, `${place}.${name}`);
    }
    return slots;
  },
};

const signatureAt = (slots: Slots, name: string): Signature =>
  assertDefined(slots[Number(name)], "a signature that has a name");

type SignedStatePayload = Omit<
  Extract<GoNitroPayload, { readonly type: "SignedState" }>,
  "type" | "objectiveId"
>;

/** A state with signatures. In Go a state is one struct; here it is a fixed and a variable part. */
export const signedState: Form<SignedStatePayload> = converted(
  struct({
    State: struct({
      Participants: list(address, PARTICIPANTS_MAX, "empty"),
      ChannelNonce: whole(NONCE_MAX),
      AppDefinition: address,
      ChallengeDuration: count(CHALLENGE_DURATION_MAX_SEC),
      AppData: base64(APP_DATA_BYTES_MAX, "empty"),
      Outcome: outcome,
      TurnNum: turnNum,
      IsFinal: flag,
    }),
    Sigs: signatures,
  }),
  {
    write: ({ fixedPart, signatures: slots, variablePart }) => ({
      State: {
        Participants: fixedPart.participants,
        ChannelNonce: fixedPart.channelNonce,
        AppDefinition: fixedPart.appDefinition,
        ChallengeDuration: fixedPart.challengeDurationSec,
        AppData: variablePart.appData,
        Outcome: variablePart.outcome,
        TurnNum: variablePart.turnNum,
        IsFinal: variablePart.isFinal,
      },
      Sigs: slots,
    }),
    read: ({ Sigs, State }, place) => ({
      fixedPart: {
        participants: State.Participants,
        channelNonce: State.ChannelNonce,
        appDefinition: State.AppDefinition,
        challengeDurationSec: State.ChallengeDuration,
      },
      variablePart: {
        outcome: State.Outcome,
        appData: State.AppData,
        turnNum: State.TurnNum,
        isFinal: State.IsFinal,
      },
      signatures:
        Sigs.length <= State.Participants.length
          ? State.Participants.map((_, index) => Sigs[index])
          : refuse(place, "a signature of nobody"),
    }),
  },
);

/** What Go has where nothing was put. */
const zero: Form<Hex> = {
  write: (value) => destination.write(value as Destination),
  read: (json, place) => (json === ZERO ? json : refuse(place, "not zero")),
};
const ZERO: Hex = `0x${"00".repeat(32)}`;

const add = struct({
  Guarantee: struct({ Amount: amount, Target: channelId, Left: destination, Right: destination }),
  LeftDeposit: amount,
});
const noAdd = struct({
  Guarantee: struct({ Amount: nothing, Target: zero, Left: zero, Right: zero }),
  LeftDeposit: nothing,
});
const remove = struct({ Target: channelId, LeftAmount: amount });
const noRemove = struct({ Target: zero, LeftAmount: nothing });

const NO_ADD = {
  Guarantee: { Amount: null, Target: ZERO, Left: ZERO, Right: ZERO },
  LeftDeposit: null,
};
const NO_REMOVE = { Target: ZERO, LeftAmount: null };

const adding = struct({ LedgerID: channelId, ToAdd: add, ToRemove: noRemove });
const removing = struct({ LedgerID: channelId, ToAdd: noAdd, ToRemove: remove });

type LedgerAndProposal = Pick<GoNitroSignedProposal, "ledgerId" | "proposal">;

/**
 * Go takes a proposal for an `Add` unless all of `ToAdd` is what Go has where nothing was put, which for
 * amounts is `null` and not 0. The other half must be empty in both: a proposal that is both is refused.
 */
const proposal: Form<LedgerAndProposal> = {
  write: ({ ledgerId, proposal: held }) =>
    held.type === "Add"
      ? adding.write({ LedgerID: ledgerId, ToAdd: writtenAdd(held), ToRemove: NO_REMOVE })
      : removing.write({
          LedgerID: ledgerId,
          ToAdd: NO_ADD,
          ToRemove: { Target: held.target, LeftAmount: held.leftAmount },
        }),
  read: (json, place) => (isRemoval(json, place) ? readRemoval(json, place) : readAdd(json, place)),
};

type Added = Extract<GoNitroProposal, { readonly type: "Add" }>;

const writtenAdd = ({ amount: both, left, leftDeposit, right, target }: Added) => ({
  Guarantee: { Amount: both, Target: target, Left: left, Right: right },
  LeftDeposit: leftDeposit,
});

function isRemoval(json: Json, place: string): boolean {
  const toAdd = objectOf(json, place).get("ToAdd");
  return toAdd instanceof Map && toAdd.get("LeftDeposit") === null;
}

function readAdd(json: Json, place: string): LedgerAndProposal {
  const { LedgerID, ToAdd } = adding.read(json, place);
  const { Amount, Left, Right, Target } = ToAdd.Guarantee;
  return {
    ledgerId: LedgerID,
    proposal: {
      type: "Add",
      target: Target,
      left: Left,
      right: Right,
      amount: Amount,
      leftDeposit: ToAdd.LeftDeposit,
    },
  };
}

function readRemoval(json: Json, place: string): LedgerAndProposal {
  const { LedgerID, ToRemove } = removing.read(json, place);
  const { LeftAmount, Target } = ToRemove;
  return {
    ledgerId: LedgerID,
    proposal: { type: "Remove", target: Target, leftAmount: LeftAmount },
  };
}

/** A proposal with the signature on the state that it leads to. */
export const signedProposal: Form<GoNitroSignedProposal> = converted(
  struct({ Signature: signature, Proposal: proposal, TurnNum: turnNum }),
  {
    write: ({ signature: signed, turnNum: turn, ...rest }) => ({
      Signature: signed,
      Proposal: rest,
      TurnNum: turn,
    }),
    read: ({ Proposal, Signature: signed, TurnNum }) => ({
      ...Proposal,
      turnNum: TurnNum,
      signature: signed,
    }),
  },
);

/** A voucher. */
export const voucher: Form<GoNitroVoucher> = converted(
  struct({ ChannelId: channelId, Amount: amount, Signature: signature }),
  {
    write: (held) => ({
      ChannelId: held.channelId,
      Amount: held.amount,
      Signature: held.signature,
    }),
    read: (written) => ({
      channelId: written.ChannelId,
      amount: written.Amount,
      signature: written.Signature,
    }),
  },
);
