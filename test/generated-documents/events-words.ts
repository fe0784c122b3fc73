/** The words of `docs/EVENTS.md` that no single event can say. */

/** What stands before the tables. */
export const INTRODUCTION = `# Events

Every fact that a node's log can hold. This page is written by \`bun run documents\` from the catalogue
(\`src/events/catalogue.ts\`), the comments of the types and the samples that are kept in
\`test/vectors/events.json\`; a test compares it.

A number is given to one event for ever. A layout that was ever written stays readable: another layout is a
new version, and the old one is read through an upcast. \`since\` is the version of the program that wrote this
version of the event first.

## A record

An event stands in the log as a record: 32 bytes of chain hash, then the body, which is canonical
MessagePack: \`[offset, number, version, time, [fields]]\`. Any MessagePack tool reads it. The time is
milliseconds since 1970-01-01 UTC and never goes back.

Two hashes, and neither stands in for the other:

| hash | of | is for |
|---|---|---|
| chain hash | SHA-256 of the chain hash of the record before and this body | place and order: that nothing before it was changed, left out, moved or put in. Heads, anchors, snapshots and archives hold it |
| content id | SHA-256 of \`channels event 1\\n\` and MessagePack \`[number, version, [fields]]\` | what happened, the same in every log and at every offset: to find one event in two logs. It is never stored, and says nothing of order |

The first record is chained to SHA-256 of \`channels log 2\\n\` and the 16 bytes of the log's id. An event's
tags are derived from its fields; the index of a log is built from them.

Layouts are written so:

| layout | is |
|---|---|
| \`uint(n)\` | an integer from 0 to n |
| \`uint64\`, \`uint256\` | a larger integer: \`uint\` up to 2^64 - 1, above it binary, big-endian, without leading zeros |
| \`bytes(n)\`, \`bytes(a,b)\` | binary of exactly n bytes, of a to b bytes. In memory and in JSON it is hex |
| \`text(n)\` | UTF-8 of at most n bytes |
| \`boolean\` | true or false |
| \`optional(x)\` | x, or nil |
| \`list(x,n)\` | an array of at most n times x |
| \`{a:x,b:y}\` | an array of the fields in this order, without their names |
| \`union(1:A{...},2:B{...})\` | an array: the number of the case, then its fields |
| \`refine(x,words)\` | x, if the words are true of it |
| a name | one of the [parts](#parts) at the end |`;

/** What a field of this name means in every event whose type does not say more. */
export const SHARED_MEANINGS: Readonly<Record<string, string>> = {
  amount: "In the asset's smallest unit",
  appData: "What the app keeps in the state",
  askedTurnNum: "The turn whose mover was asked",
  asset: "An ERC-20 contract, or the zero address for the chain's own coin",
  block: "A confirmed block",
  blockNumber: "The block that holds the transaction",
  by: "The participant whose doing it is, by place in the fixed part",
  call: "What the contract is asked for",
  channelId: "The channel, by the hash of its fixed part",
  code: "The reason, as a word for programs",
  effectId: "The name of the transaction for ever",
  fixedPart: "Participants, nonce, app and challenge duration",
  fork: "The newest block that both chains share",
  from: "The node that sent it",
  gasUsed: "What the transaction took, in units of gas",
  goal: "What is to be reached",
  holdings: "What the adjudicator holds of the asset for the channel afterwards",
  message: "All that was said",
  messageType: "Which of the messages it was",
  myIndex: "The place of this node among the participants",
  nonce: "The place of the transaction among those of this node's account",
  objectiveId: "The objective that it belongs to",
  openedBy: "The participant who asked for it",
  outcome: "Who gets what, by asset",
  peer: "The other node",
  position: "Where the contract's log stands in the chain",
  proposal: "What is to change in the ledger channel",
  raw: "The signed transaction",
  reason: "Why, for people",
  sequence: "Counts the messages in one direction between two nodes, from 1",
  signature: "r, s (low) and v of 27 or 28",
  to: "The node that it is for",
  transactionHash: "Names the transaction on the chain",
  turnNum: "The turn of the state",
  use: "What the channel is for: it says who moves, and what funds it",
  upTo: "The highest sequence that is settled",
  variablePart: "Outcome, app data, turn and whether final",
};
