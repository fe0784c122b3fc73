/**
 * Rock, paper, scissors for two, by commit and reveal. In each round the first player commits to a choice, the
 * second plays in the open, and the first reveals. The players change places after each round; a draw counts for
 * nobody. Who does not move, or does not reveal, loses everything. Payloads are plain bytes, for a contract to read.
 */
import { Channel, Message, Outcome } from "../kit/channel";
import { keccak256 } from "../kit/keccak";
import { MessagePackReader } from "../kit/message-pack-reader";
import { ACCEPTED, Reducer, run } from "../kit/reducer";
import { ColumnType, Rows, Table, Tables } from "../kit/tables";

export { abi_version, allocate, init, outcome, reduce, schema } from "../kit/reducer";

/** What is waited for. */
namespace Phase {
  export const COMMIT: i32 = 0;
  export const PLAY: i32 = 1;
  export const REVEAL: i32 = 2;
  export const OVER: i32 = 3;
}

/** Rounds after which it ends undecided: nobody can draw for ever. */
const ROUNDS_MAX: i32 = 100;

/** Bytes of the parameters: the game before its first move, as its twin keeps it. Source: RockPaperScissors.sol. */
const PARAMETER_BYTES: i32 = 38;

/** Sizes of payloads: a hash; a choice; a choice and 32 bytes that nobody can guess. */
const COMMITMENT_BYTES: i32 = 32;
const CHOICE_BYTES: i32 = 1;
const OPENING_BYTES: i32 = 33;

/** Rock, paper, scissors. */
const CHOICES: i32 = 3;

class RockPaperScissors extends Reducer {
  private rounds: Table = new Table("", 0);
  private players: Table = new Table("", 0);
  private channelId: Uint8Array = new Uint8Array(0);
  private winsToDecide: i32 = 1;
  private wins: StaticArray<i32> = new StaticArray<i32>(2);
  private phase: i32 = Phase.COMMIT;
  private round: i32 = 0;
  private commitment: Uint8Array = new Uint8Array(0);
  private played: i32 = 0;

  declareTables(tables: Tables): void {
    this.players = tables
      .add("players")
      .key("player", ColumnType.UINT)
      .column("wins", ColumnType.UINT);
    this.rounds = tables
      .add("rounds")
      .key("round", ColumnType.UINT)
      .column("committer", ColumnType.UINT)
      .column("commitment", ColumnType.BYTES)
      .column("phase", ColumnType.TEXT)
      .column("committed", ColumnType.TEXT)
      .column("played", ColumnType.TEXT)
      .column("result", ColumnType.TEXT);
  }

  begin(channel: Channel, rows: Rows): void {
    if (channel.participants.length != 2) unreachable();
    this.channelId = channel.id;
    this.winsToDecide = winsToDecideOf(channel.parameters);
    for (let player = 0; player < 2; player += 1) rows.insert(this.players).uint(player).uint(0);
  }

  take(message: Message, rows: Rows): string {
    if (this.phase == Phase.OVER) return "GameOver";
    if (message.sender != this.mover()) return "NotYourTurn";
    if (message.type.is("commit")) return this.commit(message.payload, rows);
    if (message.type.is("play")) return this.play(message.payload, rows);
    if (message.type.is("reveal")) return this.reveal(message.payload, rows);
    return "UnknownMessage";
  }

  /** Before the first move nobody has lost; after it, who stays silent has. */
  settle(outcome: Outcome): void {
    if (this.phase == Phase.OVER) this.settleEnd(outcome);
    else if (this.round == 0 && this.phase == Phase.COMMIT) outcome.payBack(this.mover());
    else outcome.payAll(1 - this.mover(), this.mover());
  }

  private settleEnd(outcome: Outcome): void {
    if (this.wins[0] >= this.winsToDecide) outcome.payAll(0, -1);
    else if (this.wins[1] >= this.winsToDecide) outcome.payAll(1, -1);
    else outcome.payBack(-1);
  }

  private commit(payload: MessagePackReader, rows: Rows): string {
    if (this.phase != Phase.COMMIT) return "NotNow";
    if (payload.left() != COMMITMENT_BYTES) return "MalformedPayload";
    this.commitment = payload.raw(COMMITMENT_BYTES);
    this.phase = Phase.PLAY;
    this.tell(rows, "committed", "", "", "");
    return ACCEPTED;
  }

  private play(payload: MessagePackReader, rows: Rows): string {
    if (this.phase != Phase.PLAY) return "NotNow";
    if (payload.left() != CHOICE_BYTES) return "MalformedPayload";
    const choice = payload.rawByte();
    if (choice >= CHOICES) return "NoSuchChoice";
    this.played = choice;
    this.phase = Phase.REVEAL;
    this.tell(rows, "played", "", nameOf(choice), "");
    return ACCEPTED;
  }

  private reveal(payload: MessagePackReader, rows: Rows): string {
    if (this.phase != Phase.REVEAL) return "NotNow";
    if (payload.left() != OPENING_BYTES) return "MalformedPayload";
    const opening = payload.raw(OPENING_BYTES);
    if (<i32>opening[0] >= CHOICES) return "NoSuchChoice";
    if (!this.isCommitted(opening)) return "NotWhatWasCommitted";
    this.decide(opening[0], rows);
    return ACCEPTED;
  }

  /** The commitment holds channel and player: nobody can repeat that of another. */
  private isCommitted(opening: Uint8Array): bool {
    const text = new Uint8Array(32 + 1 + OPENING_BYTES);
    text.set(this.channelId);
    text[32] = <u8>this.committer();
    text.set(opening, 33);
    const hash = keccak256(text);
    return memory.compare(hash.dataStart, this.commitment.dataStart, COMMITMENT_BYTES) == 0;
  }

  private decide(committed: i32, rows: Rows): void {
    // Paper beats rock, scissors beat paper, rock beats scissors: each beats the one before it.
    const lead = (CHOICES + committed - this.played) % CHOICES;
    const committer = this.committer();
    const winner = lead == 0 ? -1 : lead == 1 ? committer : 1 - committer;
    const result = winner < 0 ? "draw" : winner == 0 ? "first" : "second";
    this.tell(rows, "revealed", nameOf(committed), nameOf(this.played), result);
    if (winner >= 0) {
      this.wins[winner] += 1;
      rows.update(this.players).uint(winner).uint(this.wins[winner]);
    }
    this.round += 1;
    const isDecided = winner >= 0 && this.wins[winner] >= this.winsToDecide;
    this.phase = isDecided || this.round == ROUNDS_MAX ? Phase.OVER : Phase.COMMIT;
  }

  private tell(rows: Rows, phase: string, committed: string, played: string, result: string): void {
    const change = phase == "committed" ? rows.insert(this.rounds) : rows.update(this.rounds);
    change
      .uint(this.round)
      .uint(this.committer())
      .bytes(this.commitment)
      .text(phase)
      .text(committed)
      .text(played)
      .text(result);
  }

  private committer(): i32 {
    return this.round % 2;
  }

  private mover(): i32 {
    return this.phase == Phase.PLAY ? 1 - this.committer() : this.committer();
  }
}

/** Wins that decide, 1 to 255: the first byte. Behind it, nobody has done anything yet. */
function winsToDecideOf(parameters: Uint8Array): i32 {
  if (parameters.length != PARAMETER_BYTES || parameters[0] == 0) unreachable();
  for (let index = 1; index < PARAMETER_BYTES; index += 1) {
    if (parameters[index] != 0) unreachable();
  }
  return parameters[0];
}

function nameOf(choice: i32): string {
  return choice == 0 ? "rock" : choice == 1 ? "paper" : "scissors";
}

run(new RockPaperScissors());
