/** Why a message, a beginning or a snapshot is refused by a reducer. The same for everybody who runs it. */
import type { MessageProblem } from "./reducer-input.ts";

/** The functions of a reducer whose outputs are read. */
export type ReducerOutput = "schema" | "init" | "reduce" | "outcome";

/** After each of these the reducer is as it was before. */
export type ReducerRejection =
  /** The rules of the application do not allow the message: its sender is to blame. `by` is the reducer's word. */
  | { readonly code: "Refused"; readonly by: string }
  /** A field of the message is outside its range. Its sender is to blame, and no reducer saw it. */
  | { readonly code: "MessageMalformed"; readonly field: MessageProblem }
  /** The beginning does not fit: no participants, or not one stake for each in every asset. */
  | { readonly code: "InitMalformed" }
  /** It takes more work than one message may. Who wrote the reducer is to blame, or who found such a message. */
  | { readonly code: "OutOfGas"; readonly gasMax: number }
  /** Calls inside calls, more than there may be. */
  | { readonly code: "CallDepthExceeded"; readonly slotsMax: number }
  /** The module stopped itself, divided by zero, or read outside its memory. */
  | { readonly code: "Trapped" }
  /** Its output is not what the ABI says. `offset` counts from the output's start. */
  | {
      readonly code: "MalformedOutput";
      readonly output: ReducerOutput;
      readonly offset: number;
      readonly problem: string;
    }
  /** It gives a place for its input that is not in its memory. */
  | { readonly code: "MalformedPlace"; readonly sizeBytes: number }
  /** It was made for another version of the ABI. */
  | { readonly code: "AbiVersionUnknown"; readonly version: number }
  /** The bytes are no snapshot, or one of another reducer. */
  | { readonly code: "SnapshotRefused"; readonly problem: string };
