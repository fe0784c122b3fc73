/** Hostile messages before a channel runs. */
import { directDefundId, directFundId } from "../../src/channel/objective-id.ts";
import { AMOUNT_MAX } from "../../src/channel/outcome.ts";
import { TURN_NUM_MAX } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import type { Message } from "../../src/messages/message.ts";
import { PAYLOAD_BYTES_MAX } from "../../src/network/limits.ts";
import {
  final,
  leave,
  move,
  prefund,
  type Row,
  rowsAt,
  stranger,
  wish,
} from "./hostile-messages.ts";
import { next, nextId, type Scene } from "./hostile-scene.ts";
import { fixedPartOf, outcomeOf, prefundOf, stateOf } from "./puppet.ts";

/** What is wrong with the participants of a channel that Eve proposes. */
const PARTICIPANTS: readonly (readonly [
  name: string,
  code: string,
  make: (scene: Scene) => readonly Address[],
])[] = [
  ["a participant twice", "DuplicateParticipant", ({ people }) => [...people, ...people.slice(1)]],
  ["a participant that is nobody", "ZeroParticipant", ({ people }) => [...people, ZERO_ADDRESS]],
  ["no participant but Alice", "ParticipantCountOutOfRange", ({ people }) => people.slice(1)],
  ["no participants at all", "ParticipantCountOutOfRange", () => []],
  [
    "a channel without Alice",
    "NotAParticipant",
    ({ people, ivan }) => [...people.slice(0, 1), ivan.address],
  ],
  ["a participant whom nobody can reach", "PeerUnknown", ({ people }) => [...people, stranger]],
  [
    "a channel without the one who proposes it",
    "NotAParticipant",
    ({ people, ivan }) => [ivan.address, ...people.slice(1)],
  ],
];

/** Channels whose participants are wrong. */
export const OPENINGS: readonly Row[] = rowsAt(
  "unknown",
  PARTICIPANTS.map(([name, code, make]) => ({
    name,
    code,
    message: (scene) => prefund({ participants: make(scene) })(scene),
  })),
);

/** Channels that Alice could not judge, fund or enforce, and bytes that are no message. */
export const PROPOSALS: readonly Row[] = rowsAt("unknown", [
  {
    name: "an app that nobody allowed",
    code: "AppNotAllowed",
    message: prefund({ appDefinition: stranger }),
  },
  { name: "no app", code: "AppNotAllowed", message: prefund({ appDefinition: ZERO_ADDRESS }) },
  {
    name: "no time to answer a challenge",
    code: "ChallengeDurationOutOfBounds",
    message: prefund({ challengeDurationSec: 0 }),
  },
  {
    name: "a challenge for ever",
    code: "ChallengeDurationOutOfBounds",
    message: prefund({ challengeDurationSec: TURN_NUM_MAX }),
  },
  {
    name: "an asset that nobody allowed",
    code: "AssetNotAllowed",
    message: prefund({}, [0n, 10n], stranger),
  },
  { name: "nothing to fund", code: "NothingToFund", message: prefund({}, [0n, 0n]) },
  {
    name: "amounts that overflow when added",
    code: "AmountOutOfRange",
    message: prefund({}, [AMOUNT_MAX, 1n]),
  },
  {
    name: "a prefund with the signature of another",
    code: "WrongSignature",
    message: (scene) => {
      const honest = prefund({})(scene) as Message & { readonly type: "Prefund" };
      const signed = prefundOf(scene.ivan, honest.fixedPart, honest.outcome);
      return { ...honest, signature: (signed as typeof honest).signature };
    },
  },
  {
    name: "a state of a channel that nobody knows",
    code: "UnknownChannel",
    message: (scene) => stateOf(scene.eve, scene.channelId, next(scene), nextId(scene)),
  },
  {
    name: "bytes that are no message",
    code: "Undecodable",
    message: () => Uint8Array.of(0xc1, 2, 3),
  },
  { name: "an empty message", code: "Undecodable", message: () => new Uint8Array() },
  {
    name: "the largest message, full of nothing",
    code: "Undecodable",
    message: () => new Uint8Array(PAYLOAD_BYTES_MAX),
  },
  {
    name: "a message with a byte too many",
    code: "Undecodable",
    message: (scene) => Uint8Array.of(...encodeMessage(prefund({})(scene) as Message), 0),
  },
]);

/** What comes too early, or too late to be taken back. */
export const WHILE_FUNDING: readonly Row[] = rowsAt("funding", [
  {
    name: "the same channel with another outcome",
    code: "ConflictingState",
    message: ({ eve, people, world }) =>
      prefundOf(eve, fixedPartOf(world), outcomeOf(people, [0n, 11n])),
  },
  {
    name: "an update before the channel runs",
    code: "ChannelNotRunning",
    message: move(() => ({ turnNum: 2, outcome: [] })),
  },
  {
    name: "a wish for an update before the channel runs",
    code: "ChannelNotRunning",
    message: wish(() => ({ turnNum: 3 })),
  },
  {
    name: "a wish to close before the channel runs",
    code: "ChannelNotRunning",
    message: ({ channelId }) => ({
      type: "DefundRequest",
      objectiveId: directDefundId(channelId),
      channelId,
    }),
  },
  {
    name: "a final state before the channel runs",
    code: "ChannelNotRunning",
    message: final(() => ({ turnNum: 2 })),
  },
  {
    name: "a refusal after agreement",
    code: "TooLateToReject",
    message: leave(({ channelId }) => directFundId(channelId)),
  },
  {
    name: "a postfund with another outcome",
    code: "ConflictingState",
    message: (scene) => stateOf(scene.eve, scene.channelId, { ...next(scene), turnNum: 1 }),
  },
]);
