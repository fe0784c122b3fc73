/** What to tell a player whose wish is refused, and what she can do. */
import type { Rejection } from "../../protocols/rejection.ts";

/** Why the contract of a game takes a message for no move, by its word. Source: RockPaperScissors.sol, Tactics.sol. */
const MOVES: Readonly<Record<string, string>> = {
  GameOver: "the game is over: close the channel to be paid",
  NotYourTurn: "it is the other player's turn",
  UnknownMessage: "this game has no message of that type",
  MalformedPayload: "the payload has not the bytes that this message has",
  NotNow: "the round waits for something else",
  NoSuchChoice: "0 is rock, 1 is paper, 2 is scissors",
  NotWhatWasCommitted: "this is not the choice, with its secret bytes, that was committed to",
  NotYourUnit: "this unit has fallen, or is the other player's",
  OffBoard: "the board has columns and rows 0 to 5",
  TooFar: "the unit cannot go that far in one turn",
  Occupied: "another unit stands there",
  NoSuchTarget: "there is no enemy of that number to strike",
  OutOfRange: "from there the unit does not reach its target",
};

/** What follows the code of a refusal in a game; nothing for those that speak for themselves. */
export function gameAdvice(reason: Rejection): string | undefined {
  switch (reason.code) {
    case "MoveRefused":
      return MOVES[reason.by] ?? reason.by;
    case "NotYourTurn":
      return MOVES["NotYourTurn"];
    case "GameNotOver":
      return "until the game is over only the one who has to move can close it, and loses by that";
    case "StaleChange":
      return "another state came in between: look at what it says, and ask again";
    case "NothingPlayed":
      return "a move has a message at least";
    case "TurnNotEnded":
      return "after these messages it would be the same player's turn again";
    default:
      return undefined;
  }
}
