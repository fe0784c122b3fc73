/** A game as lines for people: how it stands, what was said last, whose move it is, and what can be done. */
import { ROCK_PAPER_SCISSORS_CHOICES } from "../../../contracts/rock-paper-scissors.ts";
import { type Side, textTable } from "../../primitives/text-table.ts";
import { describeAmount } from "../amount-text.ts";
import type { AssetShares } from "../api/api-types.ts";
import type {
  GameMessageView,
  GameView,
  RockPaperScissorsView,
  TacticsUnitView,
  TacticsView,
} from "../api/game-types.ts";
import { type IdLength, shortenIds } from "../short-ids.ts";
import { type Names, nameOf } from "./node-names.ts";

/** To whom, and when, a game is told. */
export type GameTelling = {
  readonly names: Names;
  readonly ids: IdLength;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly nowMs: number;
  /** How the user calls this program. */
  readonly program: string;
};

/** Everything that a player wants to know, and the next command to type in the last line. */
export function gameLines(game: GameView, telling: GameTelling): readonly string[] {
  const { channelId, game: name, participants, myIndex, stakes, state } = game;
  const other = nameOf(telling.names, participants[1 - myIndex] ?? "", telling.ids);
  return [
    `${name ?? "messages"} with ${other}, ${shortenIds(channelId, telling.ids)}`,
    `  brought in: ${moneyText(stakes, telling)}`,
    ...(state === null ? [] : stateLines(state, game, telling)),
    ...textTable(messageRows(game, telling), MESSAGE_SIDES),
    turnText(game, telling),
  ];
}

const MESSAGE_SIDES: readonly Side[] = ["left", "left", "left", "left"];

function moneyText(shares: readonly AssetShares[], { ids }: Pick<GameTelling, "ids">): string {
  return shares
    .map(({ asset, mine, theirs }) => {
      const [me, them] = [mine, theirs].map((one) => describeAmount(BigInt(one), asset));
      return shortenIds(`mine ${me}, theirs ${them}`, ids);
    })
    .join("; ");
}

/** A participant, as the one who reads would call her. */
function playerName({ participants }: GameView, player: number, telling: GameTelling): string {
  return nameOf(telling.names, participants[player] ?? "", telling.ids);
}

function stateLines(
  state: RockPaperScissorsView | TacticsView,
  game: GameView,
  telling: GameTelling,
): readonly string[] {
  if (state.type === "tactics") return tacticsLines(state, game, telling);
  const { round, wins, winsToDecide } = state;
  const won = wins.map((count, player) => `${playerName(game, player, telling)} ${count}`);
  const needed = winsToDecide === 1 ? "1 win decides" : `${winsToDecide} wins decide`;
  return [`  round ${round}, ${needed}: ${won.join(", ")}`];
}

/** The board, mine in capitals, and what each unit can do. */
function tacticsLines(
  { fields, turn, turnsMax, units }: TacticsView,
  game: GameView,
  telling: GameTelling,
): readonly string[] {
  const numbers = Array.from({ length: fields }, (_, index) => index);
  const rows = numbers.map((row) => [
    `${row}`,
    ...numbers.map((column) => fieldText(units, { column, row }, game.myIndex).padEnd(2)),
  ]);
  const sides: readonly Side[] = ["right", ...numbers.map((): Side => "left")];
  return [
    `  turn ${turn} of ${turnsMax}`,
    ...textTable([["", ...numbers.map(String)], ...rows], sides),
    ...textTable(unitRows(units, game, telling), UNIT_SIDES),
  ];
}

type Field = { readonly column: number; readonly row: number };

function fieldText(units: readonly TacticsUnitView[], { column, row }: Field, me: number): string {
  const here = units.find(
    (unit) => unit.hitPoints > 0 && unit.column === column && unit.row === row,
  );
  if (here === undefined) return ".";
  const letter = here.kind.charAt(0);
  return `${here.player === me ? letter.toUpperCase() : letter}${here.unit}`;
}

const UNIT_SIDES: readonly Side[] = ["left", "left", "left", "left", "left", "left"];

function unitRows(
  units: readonly TacticsUnitView[],
  game: GameView,
  telling: GameTelling,
): readonly (readonly string[])[] {
  const head = ["unit", "of", "field", "hit points", "goes", "strikes"];
  const rows = units.map(
    ({ column, damage, hitPoints, hitPointsMax, kind, movement, player, range, row, unit }) => [
      `${unit} ${kind}`,
      playerName(game, player, telling),
      hitPoints === 0 ? "fallen" : `${column},${row}`,
      `${hitPoints} of ${hitPointsMax}`,
      `${movement}`,
      `${damage} within ${range}`,
    ],
  );
  return [head, ...rows];
}

function messageRows(game: GameView, telling: GameTelling): readonly (readonly string[])[] {
  return game.messages.map((message) => [
    `${message.turnNum}`,
    playerName(game, message.by, telling),
    message.type,
    payloadText(message, game, telling),
  ]);
}

/** What a payload says, where its game is known. */
function payloadText(
  { payload, type }: GameMessageView,
  { state }: GameView,
  { ids }: GameTelling,
): string {
  const [first = 0, column, row, target] = Uint8Array.fromHex(payload.slice(2));
  if (state?.type === "rock-paper-scissors") {
    return type === "commit" ? "(hidden)" : (ROCK_PAPER_SCISSORS_CHOICES[first] ?? "");
  }
  if (state?.type === "tactics") {
    const named = (unit = 0): string => `${unit} ${state.units[unit]?.kind}`;
    const goes = `${named(first)} to ${column},${row}`;
    return state.units[target ?? -1] === undefined ? goes : `${goes}, strikes ${named(target)}`;
  }
  return shortenIds(payload, ids);
}

/** Whose move it is, or what has come of the game. */
function turnText(game: GameView, telling: GameTelling): string {
  const { dispute, ifSilent, mover, phase } = game;
  const money = moneyText(ifSilent, telling);
  if (phase === "Concluded") return `it is over, and paid: ${money}`;
  if (dispute?.isPaidOut) return `it is over, and the chain has paid: ${money}`;
  if (dispute?.isFinal) return `it is over, and the chain has decided: ${money}`;
  if (phase === "Funding") return "it begins once both have paid in";
  if (phase === "Closing" || phase === "Finalized") return `it is being paid out: ${money}`;
  if (mover !== null) return waitingText(game, mover, telling);
  if (dispute !== null)
    return `it is over; the chain pays after ${whenText(game, telling)}: ${money}`;
  return `it is over: ${money}; \`${commandText("close", game, telling)}\` pays it out`;
}

function waitingText(game: GameView, mover: number, telling: GameTelling): string {
  const { dispute, ifSilent, isSignedByBoth, myIndex } = game;
  const other = playerName(game, 1 - myIndex, telling);
  const silent = `if nobody moves any more: ${moneyText(ifSilent, telling)}`;
  const ask = `\`${commandText("dispute", game, telling)}\``;
  if (dispute !== null) return disputeText(game, mover, telling);
  if (!isSignedByBoth) {
    return `my move waits for ${other} to sign it; where ${other} stays silent, ${ask} lets the chain decide\n${silent}`;
  }
  if (mover === myIndex) return `it is my turn: ${howText(game, telling)}\n${silent}`;
  return `it is the turn of ${other}; where ${other} stays silent, ${ask} lets the chain decide\n${silent}`;
}

/** The chain decides: by when a move must be there, and what comes of it otherwise. */
function disputeText(game: GameView, mover: number, telling: GameTelling): string {
  const { dispute, ifSilent, myIndex, turnNum } = game;
  const silent = `if nobody moves any more: ${moneyText(ifSilent, telling)}`;
  const isShown = dispute?.turnNum !== null && dispute?.turnNum === turnNum;
  const who =
    mover === myIndex
      ? `it is my turn: ${howText(game, telling)}`
      : `it is the turn of ${playerName(game, mover, telling)}`;
  const when = isShown
    ? `due on the chain by ${whenText(game, telling)}`
    : "on its way to the chain";
  return `the chain decides; the ${isShown ? "next move is" : "last move is"} ${when}\n${who}\n${silent}`;
}

/** A time of the chain, and how far it is by this machine's clock. */
function whenText({ dispute }: GameView, { nowMs }: GameTelling): string {
  const dueAtMs = dispute?.dueAtMs ?? null;
  if (dueAtMs === null) return "the end of the challenge";
  const at = new Date(dueAtMs).toISOString().slice(0, 19).replace("T", " ");
  const leftSec = Math.floor((dueAtMs - nowMs) / 1_000);
  return `${at} UTC (${leftSec <= 0 ? "now" : `in ${durationText(leftSec)}`})`;
}

function durationText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** What to type. */
function howText(game: GameView, telling: GameTelling): string {
  const { state } = game;
  const move = commandText("game move", game, telling);
  if (state === null) return `\`${commandText("game say", game, telling)} <type> <payload>\``;
  if (state.type === "tactics") return `\`${move} <unit> <column>,<row> [strike <unit>]\``;
  if (state.phase === "reveal") return `\`${move} reveal\``;
  const why = state.phase === "commit" ? "hide a choice" : "answer";
  return `${why} by \`${move} rock|paper|scissors\``;
}

function commandText(command: string, { channelId }: GameView, { program }: GameTelling): string {
  return `${program} node ${command} ${shortenIds(channelId, "Short")}`;
}
