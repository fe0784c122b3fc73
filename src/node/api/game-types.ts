/** The methods of games as a program sees them: what `api-types.ts` is for all others. */
import type { AskedView, AssetShares, ChannelView, Once, OpenedView } from "./api-types.ts";

/** A game whose contract the node knows. */
export type GameNameView = "rock-paper-scissors" | "tactics";

/** A message of a game. */
export type GameMessageView = {
  /** Of the state that brought it. */
  readonly turnNum: number;
  /** The participant who wrote it. */
  readonly by: number;
  readonly type: string;
  readonly payload: string;
  /** When its writer says that it was written. */
  readonly timeMs: number;
};

/** Rock, paper, scissors, as it stands. */
export type RockPaperScissorsView = {
  readonly type: "rock-paper-scissors";
  /** Rounds that somebody has to win. */
  readonly winsToDecide: number;
  /** Rounds that each participant has won. */
  readonly wins: readonly number[];
  /** The round that is played, from 1; of a game that is over, the last one. */
  readonly round: number;
  /** What the round waits for: a hidden choice, the answer to it, or the hidden one shown. */
  readonly phase: "commit" | "play" | "reveal" | "over";
  /** The participant who hides a choice in this round. */
  readonly committer: number;
  /** What the other one has answered. */
  readonly played: "rock" | "paper" | "scissors" | null;
  /** The hash that hides the choice. */
  readonly commitment: string | null;
};

/** A unit of the tactics game. */
export type TacticsUnitView = {
  /** Its number in orders: 0 to 2 are the first participant's, 3 to 5 the second one's. */
  readonly unit: number;
  /** The participant whose it is. */
  readonly player: number;
  readonly kind: "knight" | "archer" | "scout";
  /** From 0, as the rows are. */
  readonly column: number;
  readonly row: number;
  /** 0 for one that has fallen. */
  readonly hitPoints: number;
  readonly hitPointsMax: number;
  /** Steps in one order, sideways, up and down. */
  readonly movement: number;
  /** Steps to whom it can strike. */
  readonly range: number;
  /** Hit points that a strike takes. */
  readonly damage: number;
};

/** The tactics game, as it stands. */
export type TacticsView = {
  readonly type: "tactics";
  /** Orders that were given. */
  readonly turn: number;
  /** As many end the game undecided. */
  readonly turnsMax: number;
  /** Columns of the board, and rows. */
  readonly fields: number;
  readonly units: readonly TacticsUnitView[];
};

/** What the chain has on record of a game that it decides. */
export type GameDisputeView = {
  /** The turn that was shown to the chain; null before the first one is confirmed. */
  readonly turnNum: number | null;
  /** Until when a move must be in a block, in the chain's time; null where no clock runs. */
  readonly dueAtMs: number | null;
  /** True once no move counts any more. */
  readonly isFinal: boolean;
  /** True once the chain has paid what it decided. */
  readonly isPaidOut: boolean;
};

/** One game, as this node has it. */
export type GameView = {
  readonly channelId: string;
  /** Null for a log without a contract that knows its game: there only what both signed is money. */
  readonly game: GameNameView | null;
  readonly phase: ChannelView["phase"];
  readonly participants: readonly string[];
  readonly myIndex: number;
  /** What each side brought in. */
  readonly stakes: readonly AssetShares[];
  /** Of the state that is shown here, the newest one; null before the opening is signed. */
  readonly turnNum: number | null;
  /** False while that state has one signature alone. Its mover can show it to the chain all the same. */
  readonly isSignedByBoth: boolean;
  /** The participant who has to move; null when the game is over. */
  readonly mover: number | null;
  /** What each side gets if nobody moves any more. */
  readonly ifSilent: readonly AssetShares[];
  /** How the game stands. */
  readonly state: RockPaperScissorsView | TacticsView | null;
  /** Null unless the chain decides. */
  readonly dispute: GameDisputeView | null;
  /** All messages that are in force. */
  readonly messageCount: number;
  readonly messages: readonly GameMessageView[];
};

/** How a game is opened. */
export type OpenGameParams = Once & {
  readonly peer: string;
  readonly game: GameNameView;
  readonly stakes: readonly AssetShares[];
  /** Of rock, paper, scissors: rounds that somebody has to win, 1 where absent. */
  readonly winsToDecide?: number | undefined;
  readonly challengeDurationSec?: number | undefined;
};

/** A move: what is said, on which state. */
export type MoveParams = Once & {
  readonly channelId: string;
  readonly messages: readonly { readonly type: string; readonly payload: string }[];
  /** The turn of the state that the move is made on; the newest one where absent. */
  readonly baseTurnNum?: number | undefined;
};

/** What follows from a move. */
export type MovedView = AskedView & {
  readonly baseTurnNum: number;
  /** True where the move goes to the chain, and nobody has to sign it. */
  readonly isOnChain: boolean;
};

/** The methods: `params` and `result`. */
export type GameMethods = {
  readonly games_open: { readonly params: OpenGameParams; readonly result: OpenedView };
  readonly games_move: { readonly params: MoveParams; readonly result: MovedView };
  readonly games_get: {
    readonly params: {
      readonly channelId: string;
      /** The first message wanted, counted from 0; the newest ones where absent. */
      readonly from?: number | undefined;
      /** Messages at most, 100 where absent. */
      readonly limit?: number | undefined;
    };
    readonly result: GameView;
  };
};
