/** What a strategy is: how an adversary behaves at each door that she has. */
import type { NodeEvent } from "../../src/events/event.ts";
import type { Message } from "../../src/messages/message.ts";
import type { Frame } from "../../src/network/frame.ts";
import type { ActorName } from "../actors.ts";
import type { Fault } from "../faults/fault.ts";
import type { SentTransaction } from "../sent-transaction.ts";
import type { MinedBlock } from "../witness.ts";
import type { Adversary } from "./adversary.ts";

/**
 * In which place a strategy bites: anywhere, as an end of virtual channels, as one who pays in them, as an
 * intermediary, as a participant of ledger channels, as the leader of one under virtual channels, or as a player of
 * games. Elsewhere it does nothing.
 */
export type Role = "Any" | "End" | "Payer" | "Intermediary" | "Ledger" | "Leader" | "Player";

/** One way to cheat. */
export type Strategy = {
  /** One line: what she does. */
  readonly summary: string;
  /** The row of the list of attacks that it is modelled on. */
  readonly attack: string;
  readonly role: Role;
  /** True where there is nothing to cheat with before somebody has paid: then most of its moves begin behind that. */
  readonly isLate?: boolean;
  /** How often plans dwell on it, where they dwell once on others: for one that is many in one. */
  readonly lots?: number;
  /** Faults of others without which she has nothing to do. */
  readonly beside?: readonly Fault["type"][];
  /** What is left open: whole numbers, each from the least to the most, both included. */
  readonly settings: Readonly<Record<string, readonly [min: number, max: number]>>;
  /** Sets it up for one move. Nothing of it is called before the move begins, nor once it is over. */
  readonly play: (adversary: Adversary) => Behaviour;
};

/** What she does where. What is absent happens as on an honest node. */
export type Behaviour = {
  /** What becomes of a message of her node's: any number of messages in its place. */
  readonly says?: (to: ActorName, message: Message) => readonly Message[];
  /** What becomes of a frame on its way out; undefined where it never leaves. */
  readonly sends?: (to: ActorName, frame: Frame) => Frame | undefined;
  /** Somebody tells her something. */
  readonly hears?: (from: ActorName, message: Message) => void;
  /** Something is new in the log of her node. */
  readonly records?: (event: NodeEvent) => void;
  /** A block is mined in which something happened. */
  readonly sees?: (block: MinedBlock) => void;
  /** A transaction waits to be mined. */
  readonly spots?: (sent: SentTransaction) => void;
  /** The move begins. */
  readonly begins?: () => void;
  /** The run is over. */
  readonly ends?: () => void;
};
