/** Hostile messages about a virtual channel that is new to its intermediary. */
import { channelIdOf } from "../../src/channel/channel-id.ts";
import { INTERMEDIARIES_MAX } from "../../src/channel/channel-use.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE, AMOUNT_MAX, type Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { malleated, stranger } from "./hostile-messages.ts";
import { prefundOf } from "./puppet.ts";
import { type VirtualRow, virtualRowsAt } from "./virtual-messages.ts";
import {
  FEE,
  NO_SIGNATURE,
  type PrefundChanges,
  type VirtualScene,
  virtualOutcome,
  virtualPartOf,
  virtualPrefund,
} from "./virtual-scene.ts";

type Change<Value> = (scene: VirtualScene) => Value;

const opening = (changes: Change<PrefundChanges>): VirtualRow["message"] => {
  return (scene) => virtualPrefund(scene, { ...changes(scene) });
};

const fixed = (changes: Change<Partial<FixedPart>>): VirtualRow["message"] =>
  opening((scene) => ({ fixedPart: changes(scene) }));

const people = (choose: Change<readonly Address[]>): VirtualRow["message"] =>
  fixed((scene) => ({ participants: choose(scene) }));

const paying = (change: (honest: Outcome, scene: VirtualScene) => Outcome): VirtualRow["message"] =>
  opening((scene) => ({ outcome: change(scene.outcome, scene) }));

const addresses = ({ world }: VirtualScene): readonly [Address, Address, Address] => [
  world.node("eve").address,
  world.node("alice").address,
  world.node("bob").address,
];

/** The honest outcome with other allocations. */
const allocating = (
  change: (allocations: Outcome[number]["allocations"]) => Outcome[number]["allocations"],
): VirtualRow["message"] =>
  paying((outcome) => outcome.map((e) => ({ ...e, allocations: change(e.allocations) })));

/** New virtual channels with something wrong in them. */
export const VIRTUAL_OPENINGS: readonly VirtualRow[] = virtualRowsAt("unknown", [
  {
    name: "a participant twice",
    code: "DuplicateParticipant",
    message: people((scene) => {
      const [eve, alice] = addresses(scene);
      return [eve, alice, eve];
    }),
  },
  {
    name: "a participant who is nobody",
    code: "ZeroParticipant",
    message: people((scene) => [...addresses(scene).slice(0, 2), ZERO_ADDRESS]),
  },
  {
    name: "a stranger in front of Alice",
    code: "NotAParticipant",
    message: people((scene) => [scene.ivan.address, ...addresses(scene).slice(1)]),
  },
  {
    name: "a channel without Alice",
    code: "NotAParticipant",
    message: people((scene) => {
      const [eve, , bob] = addresses(scene);
      return [eve, scene.ivan.address, bob];
    }),
  },
  {
    name: "a payee whom nobody can reach",
    code: "PeerUnknown",
    message: people((scene) => [...addresses(scene).slice(0, 2), stranger]),
  },
  {
    name: "nobody between the two",
    code: "RouteMalformed",
    message: people((scene) => addresses(scene).slice(0, 2)),
  },
  {
    name: "more intermediaries than a route may have",
    code: "RouteMalformed",
    message: opening((scene) => {
      const others = Array.from(
        { length: INTERMEDIARIES_MAX },
        (_, index) => `0x${(index + 1).toString(16).padStart(40, "0")}` as Address,
      );
      const [eve, alice, bob] = addresses(scene);
      return {
        fixedPart: { participants: [eve, alice, ...others, bob] },
        fees: [FEE, ...others.map(() => FEE)].slice(0, INTERMEDIARIES_MAX),
      };
    }),
  },
  {
    name: "no time to answer a challenge",
    code: "ChallengeDurationOutOfBounds",
    message: fixed(() => ({ challengeDurationSec: 0 })),
  },
  {
    name: "a challenge for ever",
    code: "ChallengeDurationOutOfBounds",
    message: fixed(() => ({ challengeDurationSec: 2 ** 48 - 1 })),
  },
  {
    name: "an app that has no code",
    code: "AppNotAllowed",
    message: fixed(() => ({ appDefinition: stranger })),
  },
  {
    name: "the app of ledger channels",
    code: "AppNotAllowed",
    message: fixed(({ world }) => ({
      appDefinition: world.options.chain.deployment.ledgerApp,
    })),
  },
  { name: "no fee for Alice", code: "RouteMalformed", message: opening(() => ({ fees: [] })) },
  {
    name: "a fee too many",
    code: "RouteMalformed",
    message: opening(() => ({ fees: [FEE, FEE] })),
  },
  {
    name: "less than Alice asks",
    code: "FeeTooLow",
    message: opening(() => ({ fees: [FEE - 1n] })),
  },
  {
    name: "more of a fee than she has",
    code: "InsufficientFunds",
    message: opening(() => ({ fees: [AMOUNT_MAX] })),
  },
  { name: "no asset", code: "NothingToFund", message: opening(() => ({ outcome: [] })) },
  {
    name: "nothing of an asset",
    code: "NothingToFund",
    message: paying((_, { world }) => virtualOutcome(world, [0n, 0n])),
  },
  {
    name: "amounts that overflow when added",
    code: "AmountOutOfRange",
    message: paying((_, { world }) => virtualOutcome(world, [AMOUNT_MAX, 1n])),
  },
  {
    name: "an asset twice",
    code: "AssetTwice",
    message: paying((outcome) => [...outcome, ...outcome]),
  },
  {
    name: "an asset that no ledger has",
    code: "AssetMismatch",
    message: paying((outcome) => outcome.map((exit) => ({ ...exit, asset: stranger }))),
  },
  {
    name: "an asset beside that no guarantee could fund",
    code: "AssetMismatch",
    message: paying((outcome) => [
      ...outcome,
      ...outcome.map((exit) => ({ ...exit, asset: stranger })),
    ]),
  },
  {
    name: "both sides paid to Eve",
    code: "OutcomeNotPerParticipant",
    message: allocating(([left]) => (left === undefined ? [] : [left, { ...left, amount: 4n }])),
  },
  {
    name: "the sides the wrong way round",
    code: "OutcomeNotPerParticipant",
    message: allocating((allocations) => allocations.toReversed()),
  },
  {
    name: "a third one who is paid",
    code: "OutcomeNotPerParticipant",
    message: allocating((allocations) => [...allocations, ...allocations.slice(0, 1)]),
  },
  {
    name: "parts that a challenge would pay out without the ledgers",
    code: "OutcomeNotPerParticipant",
    message: allocating((allocations) =>
      allocations.map((one) => ({ ...one, allocationType: ALLOCATION_TYPE.simple })),
    ),
  },
  {
    name: "more than Alice has to the left",
    code: "InsufficientFunds",
    message: paying((_, { world }) => virtualOutcome(world, [6n, 21n])),
  },
  {
    name: "more than Alice has to the right",
    code: "LedgerTooSmall",
    message: paying((_, { world }) => virtualOutcome(world, [30n, 4n])),
  },
  {
    name: "more than she has herself",
    code: "InsufficientFunds",
    message: paying((_, { world }) => virtualOutcome(world, [40n, 0n])),
  },
  {
    name: "a ledger that nobody knows",
    code: "NotALedger",
    message: opening(({ channelId }) => ({ ledgerId: channelId })),
  },
  {
    name: "a ledger that is Bob's",
    code: "NotALedger",
    message: opening(({ ledgers }) => ({ ledgerId: ledgers.onward })),
  },
  {
    name: "no signature",
    code: "WrongSignature",
    message: opening(() => ({ signatures: [] })),
  },
  {
    name: "a signature too many",
    code: "WrongSignature",
    message: (scene) => {
      const honest = virtualPrefund(scene);
      return { ...honest, signatures: [...honest.signatures, NO_SIGNATURE] };
    },
  },
  {
    name: "a signature of nothing",
    code: "WrongSignature",
    message: opening(() => ({ signatures: [NO_SIGNATURE] })),
  },
  {
    name: "a malleated signature",
    code: "WrongSignature",
    message: (scene) => {
      const honest = virtualPrefund(scene);
      return { ...honest, signatures: honest.signatures.map(malleated) };
    },
  },
  {
    name: "the signature of another",
    code: "WrongSignature",
    message: opening(({ channelId, ivan, outcome }) => ({
      signatures: [ivan.sign(channelId, { outcome, appData: "0x", turnNum: 0, isFinal: false })],
    })),
  },
  {
    name: "the channel, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: (scene) => virtualPrefund(scene),
  },
  {
    name: "the channel as one that is funded on chain",
    code: "AppNotAllowed",
    message: ({ eve, outcome, world }) => prefundOf(eve, virtualPartOf(world, {}), outcome),
  },
  {
    name: "the end of a prefund that Alice never saw",
    code: "UnknownChannel",
    message: ({ world }) => {
      const channelId = channelIdOf(virtualPartOf(world, { channelNonce: 8n }));
      const objectiveId = virtualFundId(channelId);
      return { type: "CompletePrefund", objectiveId, channelId, signatures: [] };
    },
  },
]);
