/** The one error class for the world failing: a disk, a socket, a chain, a database. */

/**
 * What failed outside. Each code says who mends it.
 *
 * - `RpcUnreachable`: no answer from the Ethereum endpoint. Start it, or correct its address.
 * - `RpcRefused`: the endpoint answered with an error; `data` holds its JSON-RPC code, message and data.
 * - `ChainMissing`: the chain program or library that was asked for is not installed here.
 * - `ChainStale`: the endpoint's newest block is too old, or older than one it named before. Nothing is believed
 *   of it until it has caught up.
 * - `ChainContradicted`: answers about the chain do not fit together. Nothing is signed until they do; find the
 *   endpoint that lies, or lags, and replace it.
 * - `ReorgTooDeep`: more blocks were replaced than the node remembers. All that it remembers is taken back.
 * - `ChainDied`: the local chain ended while it was needed.
 * - `DiskFailed`: the log could not be read or written.
 * - `DiskFull`: there was no room for the write, of which nothing is left. Make room, then try again.
 * - `LogInUse`: another process has this log open. Stop it first.
 * - `NotALog`: the directory or file is no log of ours.
 * - `LogTooNew`: a newer program wrote this log, or an event in it. Read it with that program.
 * - `EventTooLarge`: an event is above the limit of what one record holds. Nothing of its batch was written.
 * - `ArchiveMissing`: a record lies in an archive that is not here. Put it back where it was.
 * - `SubscriberTooSlow`: a subscriber fell too far behind the log, and was dropped.
 * - `ProjectionMismatch`: a projection was made from another log, or from a longer one. Rebuild it.
 * - `ExpectedLengthMismatch`: somebody else appended first. Read again, then append again.
 * - `LogDamaged`: a record does not match its hash, its schema or its place.
 * - `CodeMismatch`: a contract's code on chain is not the code that this program was built for.
 * - `WrongChain`: the Ethereum endpoint is of another chain than the configuration or the log. Correct one of them.
 * - `DatabaseFailed`: the database could not be opened, or went away and stayed away. Start it, or correct its address.
 * - `DatabaseAway`: a database gave no answer, or takes no work just now; whether the last work was done is unknown.
 *   Start it, or wait. Then look before writing again.
 * - `DatabaseRefused`: a database answered with an error, and did nothing; `data.state` is its SQLSTATE.
 * - `DatabaseFull`: a database has no room left, and did nothing. Make room, then try again.
 * - `DatabaseTimeout`: a question took longer than it was allowed to.
 * - `DatabaseChanged`: rows are not as this program left them, and nothing was done. Rebuild what was derived.
 * - `ModuleRefused`: a file that should be the module of a reducer is none. Check it, or take it away.
 * - `PeerUnknown`: a message is to go to a peer that the address book does not hold.
 * - `ListenFailed`: the place to listen for others is in use, or none of this machine. Choose another.
 */
export type NodeErrorCode =
  | "RpcUnreachable"
  | "RpcRefused"
  | "ChainMissing"
  | "ChainStale"
  | "ChainContradicted"
  | "ReorgTooDeep"
  | "ChainDied"
  | "DiskFailed"
  | "DiskFull"
  | "LogInUse"
  | "NotALog"
  | "LogTooNew"
  | "EventTooLarge"
  | "ArchiveMissing"
  | "SubscriberTooSlow"
  | "ProjectionMismatch"
  | "ExpectedLengthMismatch"
  | "LogDamaged"
  | "CodeMismatch"
  | "WrongChain"
  | "DatabaseFailed"
  | "DatabaseAway"
  | "DatabaseRefused"
  | "DatabaseFull"
  | "DatabaseTimeout"
  | "DatabaseChanged"
  | "ModuleRefused"
  | "PeerUnknown"
  | "ListenFailed";

/** Thrown by adapters and shell rooms; caught in `engine` and at the program's edge, nowhere else. */
export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: NodeErrorCode,
    message: string,
    { data = {}, cause }: { data?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.data = data;
  }
}
