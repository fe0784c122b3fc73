/** Hostile messages in a running channel, and after its end. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { directDefundId, directFundId, updateId } from "../../src/channel/objective-id.ts";
import { AMOUNT_MAX } from "../../src/channel/outcome.ts";
import { TURN_NUM_MAX } from "../../src/channel/state.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import { toHex } from "../../src/primitives/hex.ts";
import {
  final,
  leave,
  malleated,
  move,
  moveSigned,
  pay,
  type Row,
  rowsAt,
  stranger,
  wish,
} from "./hostile-messages.ts";
import { next, nextId } from "./hostile-scene.ts";
import { fixedPartOf, outcomeOf, prefundOf, stateOf } from "./puppet.ts";

/** States, wishes and refusals that Alice must not follow. */
export const WHILE_RUNNING: readonly Row[] = rowsAt("running", [
  {
    name: "the signature of another",
    code: "WrongSignature",
    message: moveSigned((scene) => scene.ivan.sign(scene.channelId, next(scene))),
  },
  {
    name: "a signature on another state",
    code: "WrongSignature",
    message: moveSigned((scene) => scene.eve.sign(scene.channelId, next(scene, { turnNum: 6 }))),
  },
  {
    name: "a signature for another channel",
    code: "WrongSignature",
    message: moveSigned((scene) =>
      scene.eve.sign(toHex(new Uint8Array(32)) as ChannelId, next(scene)),
    ),
  },
  {
    name: "a signature of nothing",
    code: "WrongSignature",
    message: moveSigned(() => toHex(new Uint8Array(65)) as Signature),
  },
  {
    name: "a malleated signature",
    code: "WrongSignature",
    message: moveSigned((_, honest) => malleated(honest)),
  },
  {
    name: "a signature with v of 0",
    code: "WrongSignature",
    message: moveSigned((_, honest) => `${honest.slice(0, 130)}00` as Signature),
  },
  {
    name: "a turn below the supported one",
    code: "TurnOutOfOrder",
    message: move(() => ({ turnNum: 2 })),
  },
  { name: "a turn far above", code: "TurnOutOfOrder", message: move(() => ({ turnNum: 8 })) },
  {
    name: "the last turn of all",
    code: "TurnOutOfOrder",
    message: move(() => ({ turnNum: TURN_NUM_MAX })),
  },
  { name: "Alice's turn", code: "NotTheMover", message: move(() => ({ turnNum: 5 })) },
  {
    name: "another state for the supported turn",
    code: "ConflictingState",
    message: move(() => ({ turnNum: 3 })),
  },
  {
    name: "amounts that overflow when added",
    code: "AmountOutOfRange",
    message: move(({ people }) => ({ outcome: outcomeOf(people, [AMOUNT_MAX, 10n]) })),
  },
  {
    name: "more than the channel holds",
    code: "TotalChanged",
    message: move(({ people }) => ({ outcome: outcomeOf(people, [5n, 6n]) })),
  },
  {
    name: "less than the channel holds",
    code: "TotalChanged",
    message: move(({ people }) => ({ outcome: outcomeOf(people, [4n, 5n]) })),
  },
  {
    name: "another asset",
    code: "OutcomeShapeChanged",
    message: move(({ people, world }) => ({
      outcome: outcomeOf(people, [5n, 5n], world.options.chain.token.address),
    })),
  },
  {
    name: "an asset twice",
    code: "AssetTwice",
    message: move(({ people }) => ({
      outcome: [...outcomeOf(people, [5n, 5n]), ...outcomeOf(people, [5n, 5n])],
    })),
  },
  { name: "no asset", code: "OutcomeShapeChanged", message: move(() => ({ outcome: [] })) },
  {
    name: "another destination",
    code: "OutcomeShapeChanged",
    message: move(({ ivan, people: [eve] }) => ({
      outcome: outcomeOf([eve ?? stranger, ivan.address], [5n, 5n]),
    })),
  },
  {
    name: "a final state that pays something else",
    code: "FinalOutcomeMismatch",
    message: final(({ people }) => ({ outcome: outcomeOf(people, [5n, 5n]) })),
  },
  {
    name: "a final state with other data",
    code: "FinalOutcomeMismatch",
    message: final(() => ({ appData: "0x01" })),
  },
  {
    name: "a final state at Alice's turn",
    code: "NotTheMover",
    message: final(() => ({ turnNum: 5 })),
  },
  {
    name: "a final state that calls itself an update",
    code: "UnknownObjective",
    message: move(() => ({ isFinal: true })),
  },
  {
    name: "an update that calls itself Alice's",
    code: "UnknownObjective",
    message: (scene) =>
      stateOf(scene.eve, scene.channelId, next(scene), updateId(scene.channelId, 1, 9)),
  },
  {
    name: "an update that is over",
    code: "ObjectiveIdUsed",
    message: (scene) =>
      stateOf(scene.eve, scene.channelId, next(scene), updateId(scene.channelId, 1, 0)),
  },
  {
    name: "an update without a name",
    code: "UnknownObjective",
    message: (scene) =>
      stateOf(scene.eve, scene.channelId, next(scene), "x" as ReturnType<typeof nextId>),
  },
  {
    name: "the prefund with another outcome",
    code: "ObjectiveIdUsed",
    message: ({ eve, people, world }) =>
      prefundOf(eve, fixedPartOf(world), outcomeOf(people, [10n, 0n])),
  },
  {
    name: "a state, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: (scene) => stateOf(scene.ivan, scene.channelId, next(scene), nextId(scene)),
  },
  {
    name: "a copy of Eve's state, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: move(() => ({})),
  },
  {
    name: "a wish to pay more than is there",
    code: "InsufficientFunds",
    message: wish(pay({ amount: 7n })),
  },
  { name: "a wish to pay nothing", code: "AmountNotPositive", message: wish(pay({ amount: 0n })) },
  {
    name: "a wish to pay in an asset that is not there",
    code: "AssetMismatch",
    message: wish(pay({ asset: stranger })),
  },
  { name: "a wish to pay herself", code: "UnknownParticipant", message: wish(pay({ to: 0 })) },
  { name: "a wish to pay nobody", code: "UnknownParticipant", message: wish(pay({ to: 9 })) },
  {
    name: "a wish for the last turn of all",
    code: "TurnOutOfOrder",
    message: wish(() => ({ turnNum: TURN_NUM_MAX })),
  },
  { name: "a wish at her own turn", code: "TurnOutOfOrder", message: wish(() => ({ turnNum: 4 })) },
  {
    name: "a wish in the name of Alice",
    code: "UnknownObjective",
    message: wish(({ channelId }) => ({ objectiveId: updateId(channelId, 1, 9) })),
  },
  {
    name: "a wish that was computed from another state",
    code: "StaleChange",
    message: wish(({ outcome }) => ({
      change: { type: "Replace", baseTurnNum: 2, outcome, appData: "0x" },
    })),
  },
  {
    name: "a wish to close, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: ({ channelId }) => ({
      type: "DefundRequest",
      objectiveId: directDefundId(channelId),
      channelId,
    }),
  },
  {
    name: "a wish to close under another name",
    code: "UnknownObjective",
    message: (scene) => ({
      type: "DefundRequest",
      objectiveId: nextId(scene),
      channelId: scene.channelId,
    }),
  },
  {
    name: "a refusal, by a stranger",
    code: "NotAParticipant",
    by: "ivan",
    message: leave(({ channelId }) => directFundId(channelId)),
  },
  { name: "a refusal of what nobody knows", code: "UnknownObjective", message: leave(nextId) },
]);

/** From the first signature on a final state on, nothing else is signed. */
export const AFTER_THE_END: readonly Row[] = rowsAt("final", [
  {
    name: "an update after the final state",
    code: "ChannelNotRunning",
    message: move(() => ({ turnNum: 6 })),
  },
  {
    name: "another final state",
    code: "FinalOutcomeMismatch",
    message: final(({ people }) => ({ outcome: outcomeOf(people, [10n, 0n]) })),
  },
  {
    name: "a later final state",
    code: "ChannelNotRunning",
    message: final(() => ({ turnNum: 6 })),
  },
  { name: "a wish after the final state", code: "ChannelNotRunning", message: wish(() => ({})) },
]);
