/** Tests of prefunds that are gathered. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../../sim/actors.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import { type Channel, createChannel } from "../../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../../channel/channel-id.ts";
import { externalDestination } from "../../channel/destination.ts";
import type { FixedPart } from "../../channel/fixed-part.ts";
import { virtualFundId } from "../../channel/objective-id.ts";
import { stateHash, type VariablePart } from "../../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../crypto/address.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import type { GoNitroPayload } from "../../messages/go-nitro/message.ts";
import { Gathering } from "./gathering.ts";
import { EARLY_MS_MAX, GATHERED_MAX } from "./limits.ts";
import type { GoNitroView } from "./view.ts";

const CAST = ["alice", "irene", "bob"] as const;
type Name = (typeof CAST)[number];
const addressOf = (name: Name): Address => signatureBackend.addressOf(keyOf(name));
const NOBODY: GoNitroView = { channels: new Map(), objectives: new Map() };

const fixedPartOf = (channelNonce: bigint): FixedPart => ({
  participants: CAST.map(addressOf),
  channelNonce,
  appDefinition: ZERO_ADDRESS,
  challengeDurationSec: 0,
});

const prefundState = (amount: bigint): VariablePart => ({
  outcome: [
    {
      asset: ZERO_ADDRESS,
      assetMetadata: { assetType: 0, metadata: "0x" },
      allocations: (["alice", "bob"] as const).map((name) => ({
        destination: externalDestination(addressOf(name)),
        amount,
        allocationType: 0,
        metadata: "0x",
      })),
    },
  ],
  appData: "0x",
  turnNum: 0,
  isFinal: false,
});

function prefund(signers: readonly Name[], nonce = 1n, amount = 5n) {
  const fixedPart = fixedPartOf(nonce);
  const variablePart = prefundState(amount);
  const channelId = channelIdOf(fixedPart);
  const hash = stateHash(channelId, variablePart);
  const signatures = CAST.map((name) =>
    signers.includes(name) ? signatureBackend.signHash(hash, keyOf(name)) : undefined,
  );
  const objectiveId = virtualFundId(channelId);
  const type = "SignedState";
  return { type, objectiveId, fixedPart, variablePart, signatures } satisfies GoNitroPayload;
}

const gatheringOf = (me: Name): Gathering =>
  new Gathering(addressOf(me), signatureBackend.recoverSigner);

/** A running ledger of two, as far as it is looked at. */
function ledgerOf(names: readonly [Name, Name], myIndex: 0 | 1): Channel {
  const fixedPart = { ...fixedPartOf(9n), participants: names.map(addressOf) };
  const created = createChannel({
    type: "ChannelCreated",
    channelId: channelIdOf(fixedPart),
    fixedPart,
    myIndex,
    outcome: prefundState(5n).outcome,
    appData: "0x",
    use: { type: "Ledger", profile: "go-nitro" },
  });
  const variablePart = { ...prefundState(5n), turnNum: 1 };
  return { ...created, supported: { variablePart, signatures: [] } };
}

const viewOf = (...channels: readonly Channel[]): GoNitroView => ({
  channels: new Map(channels.map((one) => [one.id, one])),
  objectives: new Map(),
});

describe("Gathering", () => {
  unit("tells the engine of a new channel once all before this node have signed", () => {
    const gathering = gatheringOf("bob");
    const ledger = ledgerOf(["irene", "bob"], 1);
    const view = viewOf(ledger);
    const channelId = gathering.take(addressOf("irene"), prefund(["irene"]), 0) as ChannelId;
    expect(gathering.hear(view, channelId)).toEqual({ type: "Known" });

    expect(gathering.take(addressOf("alice"), prefund(["alice"]), 0)).toBe(channelId);
    expect(gathering.tellerOf(view, channelId)).toBe(addressOf("irene"));
    const { signatures } = prefund(["alice", "irene"]);
    expect(gathering.hear(view, channelId)).toMatchObject({
      type: "Say",
      message: {
        type: "VirtualPrefund",
        ledgerId: ledger.id,
        fees: [0n],
        signatures: signatures.slice(0, 2),
      },
    });
    expect(gathering.hear(NOBODY, channelId)).toEqual({ type: "Early", code: "NotALedger" });
  });

  unit("tells the engine of all signatures once they are there", () => {
    const gathering = gatheringOf("alice");
    const { fixedPart, signatures, variablePart } = prefund(["alice"]);
    const created = createChannel({
      type: "ChannelCreated",
      channelId: channelIdOf(fixedPart),
      fixedPart,
      myIndex: 0,
      outcome: variablePart.outcome,
      appData: "0x",
      use: { type: "Virtual", profile: "go-nitro", fees: [0n], left: undefined, right: undefined },
    });
    const channel = { ...created, pending: new Map([[0, { variablePart, signatures }]]) };
    const view = viewOf(channel);
    gathering.take(addressOf("bob"), prefund(["bob"]), 0);
    expect(gathering.hear(view, channel.id)).toEqual({ type: "Known" });

    gathering.take(addressOf("irene"), prefund(["irene"]), 0);
    expect(gathering.hear(view, channel.id)).toMatchObject({
      type: "Say",
      message: { type: "CompletePrefund", signatures: prefund(CAST).signatures },
    });
    expect(gathering.signersOf(channel.id)).toEqual([addressOf("irene"), addressOf("bob")]);
  });

  adversarial("takes no false signature, no stranger and no second state", () => {
    const gathering = gatheringOf("bob");
    const codeOf = (from: Name, payload: ReturnType<typeof prefund>): unknown =>
      gathering.take(addressOf(from), payload, 0);
    const { signatures } = prefund(["alice"]);
    const asIrene = { ...prefund([]), signatures: [undefined, signatures[0], undefined] };
    expect(codeOf("irene", asIrene)).toMatchObject({ code: "WrongSignature" });
    expect(codeOf("irene", prefund(["alice"]))).toMatchObject({ code: "WrongSignature" });
    const renamed = {
      ...prefund(["irene"]),
      objectiveId: virtualFundId(channelIdOf(fixedPartOf(2n))),
    };
    expect(codeOf("irene", renamed)).toMatchObject({ code: "UnknownObjective" });
    expect(gathering.size).toBe(0);
    codeOf("irene", prefund(["irene"]));
    expect(codeOf("irene", prefund(["irene"], 1n, 6n))).toMatchObject({ code: "ConflictingState" });
    const stranger = signatureBackend.addressOf(keyOf("eve"));
    expect(gathering.take(stranger, prefund(["irene"]), 0)).toMatchObject({
      code: "NotAParticipant",
    });
  });

  adversarial("keeps a few channels of one teller, for a while", () => {
    const gathering = gatheringOf("bob");
    const take = (nonce: bigint, nowMs: number): unknown =>
      gathering.take(addressOf("irene"), prefund(["irene"], nonce), nowMs);
    for (let nonce = 1n; nonce <= GATHERED_MAX; nonce++) take(nonce, 0);
    expect(take(1_000n, 0)).toMatchObject({ code: "TooMuchWaits" });
    expect(gathering.size).toBe(GATHERED_MAX);
    take(1_000n, EARLY_MS_MAX + 1);
    expect(gathering.size).toBe(1);
  });
});
