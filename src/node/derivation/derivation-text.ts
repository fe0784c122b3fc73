/** Why there are no tables, or no answer about them, for people: what it is, and what to do. */
import type { DerivationStop, LogTooShort } from "../../derivation/derivation-engine.ts";
import type { DeriveRejection } from "../../derivation/derive-tables.ts";
import type { QuestionRejection } from "../../derivation/sql/ask-tables.ts";
import { unreachable } from "../../primitives/assert.ts";
import { counted } from "../../primitives/counted.ts";
import type { StoredRejection } from "./stored-messages.ts";

/** What is wrong with the messages that a log has of a channel. */
export function storedText(reason: StoredRejection): string {
  switch (reason.code) {
    case "ChannelUnknown":
      return "the log has no such channel";
    case "NoMessageLog":
      return "it is no channel of a message log: nothing is derived from it";
    case "LogNotEmpty":
      return `it begins with ${reason.count} messages that nobody has: only a log from its beginning can be derived`;
    case "TooManyParticipants":
      return `it has ${reason.count} participants, more than a reducer can be told of`;
    case "AllocationsWrong":
      return `of asset ${reason.asset} not every participant has one share at the beginning`;
    case "StakesWrong":
      return "what its app keeps at the beginning does not end with the first participant's stakes";
    case "ChainBroken":
      return `message ${reason.message + 1} does not follow from those before it: one was left out, changed or moved. Derive from the log of the other participant`;
    case "LogIncomplete":
      return `the newest state that both signed speaks of ${counted(reason.signed, "message")}, and the log has ${reason.messages} that lead there. Derive from the log of the other participant`;
    default:
      return unreachable(reason);
  }
}

/** Why the messages do not become tables. */
export function derivationText(reason: DeriveRejection | DerivationStop | LogTooShort): string {
  switch (reason.code) {
    case "ReducerRefused":
      return `the reducer does not begin in this channel (${inner(reason.reason)})`;
    case "TablesRefused":
      return `the reducer's tables cannot be kept (${inner(reason.reason)})`;
    case "MessageRefused":
      return `message ${reason.message + 1} is refused (${inner(reason.reason)}): whoever signed it has not run this reducer`;
    case "LogTooShort":
      return `the log has ${counted(reason.messages, "message")}`;
    case "ProjectionMismatch":
      return "the tables there were made from another log, or by another reducer";
    case "DatabaseFailed":
      return reason.error.message;
    default:
      return unreachable(reason);
  }
}

/** Why a question is not answered. */
export function questionText(reason: QuestionRejection): string {
  switch (reason.code) {
    case "Unreadable":
      return `it cannot be read from character ${reason.offset + 1} on`;
    case "QuestionTooLong":
      return `it is longer than ${reason.max} characters`;
    case "NotAQuestion":
      return "it does not begin with select, with or values: tables can be read, and nothing else";
    case "SecondStatement":
      return `a second statement begins at character ${reason.offset + 1}: ask one question at a time`;
    case "NameRefused":
      return `it uses "${reason.name}", which leads out of the channel's tables or differs from call to call`;
    case "FunctionRefused":
      return `it calls "${reason.name}", which is none of the functions that everybody answers alike`;
    case "ParameterMissing":
      return `$${reason.parameter} has no value, or a value no $${reason.parameter}`;
    case "RefusedByDatabase":
      return reason.said.replace(/^the database .*? refused: /, "the database says: ");
    case "AnswerTooLate":
      return `it takes longer than ${reason.timeMsMax} ms: ask for less`;
    case "AnswerTooLong":
      return `its answer has more than ${reason.rowsMax} rows: add a limit`;
    case "AnswerTooLarge":
      return `its answer has more than ${reason.bytesMax} bytes: ask for fewer columns or rows`;
    default:
      return unreachable(reason);
  }
}

/** The code of a refusal, and whatever it says beside it. */
function inner({ code, ...rest }: { readonly code: string }): string {
  const said = Object.values(rest).filter((value) => typeof value !== "object");
  return [code, ...said.map(String)].join(" ");
}
