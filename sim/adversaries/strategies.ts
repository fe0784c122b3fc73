/** Every strategy by its name, and what sets the moves of a plan up in its world. */
import { assertDefined } from "../../src/primitives/assert.ts";
import type { ActorName } from "../actors.ts";
import type { World } from "../world.ts";
import { Adversary } from "./adversary.ts";
import * as altered from "./altered-messages.ts";
import * as chain from "./cheating-on-chain.ts";
import { ECHO } from "./echoes.ts";
import { Evidence } from "./evidence.ts";
import * as funding from "./false-funding.ts";
import * as games from "./false-moves.ts";
import * as proposals from "./false-proposals.ts";
import * as states from "./false-states.ts";
import * as vouchers from "./false-vouchers.ts";
import * as floods from "./floods.ts";
import * as lies from "./lies.ts";
import * as lives from "./lives.ts";
import type { Move } from "./move.ts";
import { Seat } from "./seat.ts";
import { SHORT_CHALLENGE } from "./short-windows.ts";
import * as silence from "./silence.ts";
import type { Behaviour, Strategy } from "./strategy.ts";

/** Names of strategies, as plans have them: for ever. */
export type StrategyName =
  | "silent"
  | "withheld-signature"
  | "close-refused"
  | "one-sided"
  | "refusal"
  | "bad-signature"
  | "equivocation"
  | "wrong-final"
  | "turn-jump"
  | "altered-opening"
  | "altered-state"
  | "altered-proposal"
  | "altered-wish"
  | "altered-voucher"
  | "altered-history"
  | "echo"
  | "twin"
  | "crash-loop"
  | "replayed-voucher"
  | "reused-signature"
  | "overspent-voucher"
  | "malleated-voucher"
  | "disordered-vouchers"
  | "late-voucher"
  | "disordered-proposals"
  | "ghost-guarantee"
  | "withheld-deposit"
  | "claimed-deposit"
  | "fake-channels"
  | "short-challenge"
  | "griefing-deposit"
  | "liquidity-grief"
  | "message-flood"
  | "giant-frames"
  | "malformed-frames"
  | "resync-spam"
  | "false-head"
  | "withheld-history"
  | "forged-rejections"
  | "stale-challenge"
  | "every-challenge"
  | "late-challenge"
  | "old-checkpoint"
  | "challenge-loop"
  | "front-run"
  | "early-conclude"
  | "flood-and-loot"
  | "piecemeal-payout"
  | "false-move"
  | "forged-asking"
  | "end-and-move"
  | "unsent-move"
  | "sore-loser";

/** What each strategy is. */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  silent: silence.SILENT,
  "withheld-signature": silence.WITHHELD_SIGNATURE,
  "close-refused": silence.CLOSE_REFUSED,
  "one-sided": silence.ONE_SIDED,
  refusal: silence.REFUSAL,
  "bad-signature": states.BAD_SIGNATURE,
  equivocation: states.EQUIVOCATION,
  "wrong-final": states.WRONG_FINAL,
  "turn-jump": states.TURN_JUMP,
  "altered-opening": altered.ALTERED_OPENING,
  "altered-state": altered.ALTERED_STATE,
  "altered-proposal": altered.ALTERED_PROPOSAL,
  "altered-wish": altered.ALTERED_WISH,
  "altered-voucher": altered.ALTERED_VOUCHER,
  "altered-history": altered.ALTERED_HISTORY,
  echo: ECHO,
  twin: lives.TWIN,
  "crash-loop": lives.CRASH_LOOP,
  "replayed-voucher": vouchers.REPLAYED_VOUCHER,
  "reused-signature": vouchers.REUSED_SIGNATURE,
  "overspent-voucher": vouchers.OVERSPENT_VOUCHER,
  "malleated-voucher": vouchers.MALLEATED_VOUCHER,
  "disordered-vouchers": vouchers.DISORDERED_VOUCHERS,
  "late-voucher": vouchers.LATE_VOUCHER,
  "disordered-proposals": proposals.DISORDERED_PROPOSALS,
  "ghost-guarantee": proposals.GHOST_GUARANTEE,
  "withheld-deposit": funding.WITHHELD_DEPOSIT,
  "claimed-deposit": funding.CLAIMED_DEPOSIT,
  "fake-channels": funding.FAKE_CHANNELS,
  "short-challenge": SHORT_CHALLENGE,
  "griefing-deposit": funding.GRIEFING_DEPOSIT,
  "liquidity-grief": funding.LIQUIDITY_GRIEF,
  "message-flood": floods.MESSAGE_FLOOD,
  "giant-frames": floods.GIANT_FRAMES,
  "malformed-frames": floods.MALFORMED_FRAMES,
  "resync-spam": floods.RESYNC_SPAM,
  "false-head": lies.FALSE_HEAD,
  "withheld-history": lies.WITHHELD_HISTORY,
  "forged-rejections": lies.FORGED_REJECTIONS,
  "stale-challenge": chain.STALE_CHALLENGE,
  "every-challenge": chain.EVERY_CHALLENGE,
  "late-challenge": chain.LATE_CHALLENGE,
  "old-checkpoint": chain.OLD_CHECKPOINT,
  "challenge-loop": chain.CHALLENGE_LOOP,
  "front-run": chain.FRONT_RUN,
  "early-conclude": chain.EARLY_CONCLUDE,
  "flood-and-loot": chain.FLOOD_AND_LOOT,
  "piecemeal-payout": chain.PIECEMEAL_PAYOUT,
  "false-move": games.FALSE_MOVE,
  "forged-asking": games.FORGED_ASKING,
  "end-and-move": games.END_AND_MOVE,
  "unsent-move": games.UNSENT_MOVE,
  "sore-loser": games.SORE_LOSER,
};

/** Names in the order of the table. */
export const STRATEGY_NAMES: readonly StrategyName[] = Object.keys(STRATEGIES) as StrategyName[];

/** The adversaries of a run. */
export type Adversaries = {
  /** By the id of the move: how often she did what. */
  readonly deeds: (id: number) => ReadonlyMap<string, number>;
  /** Ends all moves. Their actors keep to the rules from now on; what was done stays done. */
  readonly stop: () => void;
};

/** One move, and how she behaves in it. */
type Played = { readonly adversary: Adversary; readonly behaviour: Behaviour };

/** Sets the moves up. Call it before any node starts. Throws when a plan names a strategy that there is not. */
export function playMoves(world: World, moves: readonly Move[]): Adversaries {
  const sorted = moves.toSorted((one, other) => one.id - other.id);
  const people = [...new Set(sorted.map(({ by }) => by))];
  const played = people.flatMap((name) =>
    sit(
      world,
      name,
      sorted.filter(({ by }) => by === name),
    ),
  );
  const byId = new Map(played.map((one) => [one.id, one.adversary.deeds]));
  return {
    deeds: (id) => byId.get(id) ?? new Map(),
    stop: () => {
      for (const { adversary, behaviour } of played) {
        if (adversary.isPlaying) behaviour.ends?.();
        adversary.stop();
        adversary.seat.close();
      }
    },
  };
}

/** Puts one adversary at all her doors. */
function sit(world: World, name: ActorName, moves: readonly Move[]) {
  const played: (Played & { readonly id: number })[] = [];
  const playing = (): readonly Behaviour[] =>
    played.filter(({ adversary }) => adversary.isPlaying).map(({ behaviour }) => behaviour);
  const seat = new Seat(world.wire.transportOf(name), world.timeline, passingOf(playing));
  const evidence = new Evidence(name);
  for (const move of moves) {
    const found = STRATEGIES[move.strategy as StrategyName] as Strategy | undefined;
    const strategy = assertDefined(found, `a strategy named ${move.strategy}`);
    const { settings } = strategy;
    const adversary = new Adversary({ world, move, settings, seat, evidence });
    const behaviour = strategy.play(adversary);
    played.push({ id: move.id, adversary, behaviour });
    world.timeline.after(move.fromMs, () => {
      if (adversary.isPlaying) behaviour.begins?.();
    });
  }
  world.adversaries.add(name);
  world.node(name).intercept(() => seat.transport());
  world.pool.watch((sent) => {
    for (const { spots } of playing()) spots?.(sent);
  });
  world.witnesses.push({
    sawRecord: (node, record) => {
      if (node !== name) return;
      evidence.read(record);
      for (const { records } of playing()) records?.(record.event);
    },
    sawBlock: async (block) => {
      for (const { sees } of playing()) sees?.(block);
    },
    sawReorg: async () => undefined,
  });
  return played;
}

/** Each strategy takes up what the one before it has left. */
function passingOf(playing: () => readonly Behaviour[]): ConstructorParameters<typeof Seat>[2] {
  return {
    says: (to, message) =>
      playing().reduce(
        (messages, { says }) => messages.flatMap((one) => says?.(to, one) ?? [one]),
        [message] as readonly (typeof message)[],
      ),
    sends: (to, frame) =>
      playing().reduce(
        (passed, { sends }) =>
          passed === undefined || sends === undefined ? passed : sends(to, passed),
        frame as typeof frame | undefined,
      ),
    hears: (from, message) => {
      for (const { hears } of playing()) hears?.(from, message);
    },
  };
}
