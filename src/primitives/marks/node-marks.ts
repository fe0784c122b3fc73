/** Marks of a node: its conversations, its restarts, its disk, its users. */

/** Each name, and the situation in a sentence. */
export const NODE_MARKS = {
  "session/verdict-of-old-conversation":
    "A verdict comes for a conversation that a new greeting has ended.",
  "session/peer-without-endpoint": "A frame cannot leave, since nobody knows where its peer is.",
  "session/stranger": "A frame comes from nobody who is known.",
  "session/malformed-frame": "Bytes come that are no frame, or too many.",
  "session/greeted-in-conversation":
    "A peer greets in the middle of a conversation: it has started anew.",
  "session/absurd-standing": "A welcome names numbers that no conversation reaches.",
  "session/greeted-too-often": "A peer greets again and again, and hears only where the two are.",
  "session/welcome-stale": "A welcome answers a greeting that is over.",
  "session/frame-settled-before":
    "A message comes again that was answered before: its answer was lost.",
  "session/frame-out-of-window":
    "A message comes with a number that no honest sender gives, or too far ahead.",
  "session/frame-doubled": "A message comes twice before it is answered.",
  "session/refusal-heard": "A peer refuses a message for good.",
  "session/answer-doubled": "An answer comes that brings nothing new.",
  "session/answer-to-unsent": "A peer has heard what this log never sent.",
  "session/frame-before-conversation":
    "A frame comes before its conversation has begun, and is dropped.",
  "session/frame-ahead": "A message overtakes another one, and waits for it.",
  "session/numbers-left-out":
    "A peer leaves out numbers that were settled or lost in an earlier life.",
  "session/window-full": "Messages wait, since too many are under way to their peer.",
  "session/repeated": "A message is sent again, since no answer came.",
  "session/peer-came-back": "A peer answers after a long silence, and hears all at once.",
  "session/frame-kept-for-later":
    "A message comes before two peers have agreed how far they are, and is kept.",
  "session/flooded-before-conversation":
    "A peer sends more than is kept before two have agreed how far they are.",
  "restart/deposit-waits-for-peers":
    "After a restart a deposit that was never signed waits until the participants have answered.",
  "restart/transaction-again":
    "After a restart a transaction that the log has open is handed on again.",
  "restart/messages-again": "A conversation begins with messages that the log has open.",
  "restart/crank-went-on":
    "A crank after a restart, or after trust came back, finds something left to do.",
  "restart/from-a-snapshot": "A node begins with a snapshot and the records since.",
  "resync/both-lost":
    "A channel that seems new is doubted, since its participants may both have lost it.",
  "resync/ledger-yet-to-be-named":
    "A virtual channel that was taken back waits for a neighbour to name its ledger.",
  "resync/head-contradicted": "A peer holds a head of my log that is not in it.",
  "resync/peer-heard-more": "A peer has heard more than my log knows that I said.",
  "resync/nothing-missing":
    "A peer had an answer of mine that my log knows nothing of, and the log that went with it is here.",
  "resync/words-of-peer-missing": "A peer had an answer of mine that my log knows nothing of.",
  "resync/told-with-own-doubt":
    "A node that may have lost the end of its own log tells a peer what it holds.",
  "resync/fate-asked": "A peer asks how something ended, and hears it.",
  "resync/asked-again":
    "A node asks again what it holds, since the peer has lost the question, or the answer.",
  "resync/told-unasked": "A peer tells what it holds though nobody asks.",
  "resync/answer-of-older-round": "A peer answers a question that was asked in an earlier life.",
  "resync/completed": "A peer has told all that it holds of a log that lost its end.",
  "resync/channel-doubted":
    "A channel stays in doubt after all was told: a peer may hide a signature of mine.",
  "resync/turns-passed": "A node passes turns at which it may have signed what nobody shows it.",
  "resync/passed-turn-refused":
    "A peer begins an update at a turn at which its log was lost here, and is refused.",
  "resync/counters-passed":
    "An end passes counters of vouchers that it may have issued or receipted.",
  "resync/peer-passed-counters": "The other end passes counters of vouchers.",
  "resync/peer-passed-turns": "A peer passes turns at which it may have signed.",
  "resync/channel-taken-back": "A node takes a channel back that its log has lost altogether.",
  "resync/own-signature-taken-back":
    "A node is shown a signature of its own that its log has lost.",
  "resync/all-doubted-by-one-proof":
    "One proof that the log has lost its end puts it in doubt towards everybody.",
  "resync/used-turn-learned": "A node learns of a turn that others used, without having signed it.",
  "resync/own-move-forwarded":
    "A node hears from a third one of a state that it began itself and has forgotten.",
  "resync/fate-of-ledger-wish-told": "A node hears how its top-up or withdrawal ended.",
  "resync/fate-of-update-told": "A node hears how an update ended that is open in its log.",
  "resync/virtual-channel-taken-back": "A node takes a virtual channel back that its log has lost.",
  "resync/ledger-step-taken-back":
    "A node learns again how a state that waits in a ledger came to be.",
  "resync/ledger-named":
    "A neighbour names the ledger that funds a virtual channel which was taken back.",
  "resync/ledger-asked-for":
    "A neighbour is asked which ledger funds a virtual channel that others gave back.",
  "resync/next-ledger-taken-back": "A node takes back the ledger that goes on after a withdrawal.",
  "resync/vouchers-taken-back": "A node takes vouchers back that its log has lost.",
  "resync/agreements-dropped":
    "What was agreed to in a ledger before its log lost its end is agreed to anew.",
  "resync/own-opening-unproven":
    "A node that lost the end of its log gives up an opening of its own that nobody shows it has signed.",
  "resync/fees-unproven":
    "A node that lost the end of its log gives up an opening of its own whose fees only a peer tells.",
  "resync/opening-left-after-loss":
    "An opening that was given up before a loss of the log leaves the ledgers after it.",
  "resync/money-set-aside-again":
    "Money for an opening is set aside again after a log has lost its end.",
  "resync/ledger-message-unheard":
    "A message about a ledger or a virtual channel is passed over until its sender has told what it holds.",
  "resync/message-unheard": "A message is passed over until its sender has told what it holds.",
  "resync/peer-doubts-too-often":
    "A peer puts a node in doubt too often, and the two work together no more.",
  "user/wish-waits": "A user's wish waits until the participants have told what they hold.",
  "user/wish-gave-up-waiting": "A user's wish has waited in vain for a participant.",
  "store/torn-write-cut": "The rest of a write that nobody was told of is cut off.",
  "store/segments-rolled-back":
    "The journal belongs to a longer log than the segments that were found.",
  "store/damaged-in-the-middle": "What was acknowledged is missing in front of what is there.",
  "store/end-is-missing": "The log ends before what its head file says.",
  "store/end-unproven": "Nothing proves where the log ends.",
  "store/trusted-head-not-there":
    "A snapshot names a head that the log does not have, and the whole log is checked.",
  "store/damage-found": "A record cannot be read as it was written.",
  "store/write-failed": "The disk fails, and who appended is told.",
  "store/clock-stepped-back": "The clock steps back, and the log holds its time.",
  "store/appends-together": "Several appends are written together.",
  "store/stale-journal-wiped":
    "What a longer log left in the journal is wiped before the log goes on.",
  "store/checkpoint": "The journal is emptied into segments.",
  "store/snapshot-put-aside": "A snapshot is of another log, of another program, or damaged.",
  "store/snapshot-holds-something-else":
    "A snapshot does not hold what was written, and all are put aside.",
  "store/snapshot-not-written":
    "The disk refuses a snapshot, and the next one holds what it was to hold.",
} as const;
