/** A move as a player types it, and the message that it becomes. What cannot be a move is refused here, in words. */
import {
  ROCK_PAPER_SCISSORS_CHOICES,
  type RockPaperScissorsChoice,
} from "../../../contracts/rock-paper-scissors.ts";
import { NO_TARGET, tacticsOrder } from "../../../contracts/tactics.ts";
import { toHex } from "../../primitives/hex.ts";
import type {
  GameView,
  MoveParams,
  RockPaperScissorsView,
  TacticsUnitView,
  TacticsView,
} from "../api/game-types.ts";
import { wrongUsage } from "./command-shell.ts";
import { hideChoice, openChoice } from "./game-secrets.ts";

/** What is said. */
export type SaidMessage = MoveParams["messages"][number];

/**
 * The message of a move. `directory` is that of the node: what rock, paper, scissors hides is kept there before this
 * returns. Throws one clear line for what is no move as the game stands.
 */
export function readMove(game: GameView, words: readonly string[], directory: string): SaidMessage {
  const { state } = game;
  if (state === null) {
    throw wrongUsage("this node does not know the game: write into it with `game say`");
  }
  return state.type === "tactics"
    ? readOrder(state, game.myIndex, words)
    : readChoice(state, game, words, directory);
}

function readChoice(
  { commitment, phase }: RockPaperScissorsView,
  { channelId, myIndex }: GameView,
  words: readonly string[],
  directory: string,
): SaidMessage {
  const [word = "", ...more] = words;
  const choice = ROCK_PAPER_SCISSORS_CHOICES.find((one) => one === word.toLowerCase());
  const isReveal = word.toLowerCase() === "reveal";
  if (more.length > 0 || (choice === undefined && !isReveal)) {
    throw wrongUsage(`a move is rock, paper, scissors or reveal, and not ${words.join(" ")}`);
  }
  const hider = { channelId, player: myIndex };
  if (phase === "reveal") {
    if (!isReveal) throw wrongUsage("the choice of this round is made: the move is `reveal`");
    return { type: "reveal", payload: openChoice(directory, hider, commitment ?? "") };
  }
  if (choice === undefined) {
    throw wrongUsage("there is nothing to reveal yet: the move is rock, paper or scissors");
  }
  return phase === "commit"
    ? { type: "commit", payload: hideChoice(directory, hider, choice) }
    : { type: "play", payload: toHex(Uint8Array.of(numberOf(choice))) };
}

const numberOf = (choice: RockPaperScissorsChoice): number =>
  ROCK_PAPER_SCISSORS_CHOICES.indexOf(choice);

function readOrder(
  { fields, units }: TacticsView,
  me: number,
  words: readonly string[],
): SaidMessage {
  const [unitText = "", fieldText = "", strike, targetText = "", ...more] = words;
  const isForm = more.length === 0 && (strike === undefined || strike.toLowerCase() === "strike");
  const field = /^(\d{1,2}),(\d{1,2})$/.exec(fieldText);
  if (!isForm || field === null || (strike !== undefined && targetText === "")) {
    throw wrongUsage(
      `an order is a unit, a field and perhaps whom it strikes: 0 2,1 or scout 4,3 strike knight; not ${words.join(" ")}`,
    );
  }
  const [column, row] = [Number(field[1]), Number(field[2])];
  if (column >= fields || row >= fields) {
    throw wrongUsage(`${fieldText} is off the board: columns and rows go from 0 to ${fields - 1}`);
  }
  const unit = unitNamed(units, unitText, me, "mine");
  const target = strike === undefined ? NO_TARGET : unitNamed(units, targetText, 1 - me, "theirs");
  return { type: "act", payload: toHex(tacticsOrder(unit, column, row, target)) };
}

/** A unit that stands, by its number or by what it is. */
function unitNamed(
  units: readonly TacticsUnitView[],
  text: string,
  player: number,
  whose: "mine" | "theirs",
): number {
  const own = units.filter((one) => one.player === player);
  const found = own.find((one) => `${one.unit}` === text || one.kind === text.toLowerCase());
  const standing = own.filter(({ hitPoints }) => hitPoints > 0);
  if (found !== undefined && standing.includes(found)) return found.unit;
  const names = standing.map(({ kind, unit }) => `${unit} (${kind})`).join(", ");
  const what = found === undefined ? `is none of ${whose}` : "has fallen";
  throw wrongUsage(`${text} ${what}: ${whose} are ${names}`);
}
