/** Marks of channels: opening, updating, paying, closing, and what ledgers carry. */

/** Each name, and the situation in a sentence. */
export const CHANNEL_MARKS = {
  "fund/deposit-below-share":
    "A participant deposits less than her share, since somebody has put in part of it for her.",
  "fund/deposit-tried-again": "A deposit that failed is asked for once more.",
  "fund/final-before-deposits":
    "Nothing is deposited, since somebody has signed a final state before the channel was funded.",
  "fund/late-deposit-dropped":
    "A deposit of an old part of the log is dropped, since the channel was funded before.",
  "update/overtaken": "An update ends because a later state was built on the one below it.",
  "update/given-up": "A participant gives up an update that no longer fits the channel.",
  "update/asked-for-taken-turn": "A mover is asked for a turn that is taken by then.",
  "update/asked-at-later-turn":
    "An update that found its turn taken is asked for again at a later turn.",
  "update/begun-anew-behind-passed-turns":
    "An update whose turn a peer passes over, having lost her log, is begun anew.",
  "update/asked-behind-passed-turns":
    "An update is begun anew behind turns that both pass, by the one whose turn comes next.",
  "update/signature-behind":
    "In a channel of three a signature comes for a state that all have gone beyond.",
  "update/mover-heard-of-by-another":
    "A countersignature overtakes the mover's own, and brings it along.",
  "update/refusal-passed-on":
    "In a channel of three a refusal is passed on to those whom it may have overtaken.",
  "update/refused-once-more":
    "A state of an update that was refused comes all the same, and is refused once more.",
  "defund/mover-asked": "Whoever wants to close asks the participant whose turn it is.",
  "defund/own-end-forgotten":
    "A node leaves a final state unsigned, since a later signature of its own was shown to it.",
  "defund/left-to-dispute":
    "A channel whose final state is signed is paid out by the dispute that came first.",
  "state/opening-signature-late": "A signature on an opening state comes when that state is past.",
  "state/signature-again": "A signature comes a second time.",
  "state/base-completed":
    "Signatures that somebody forwards complete the state below the one that came with them.",
  "objective/refused-after-its-end": "A refusal comes for an objective that is over.",
  "objective/peer-takes-no-part":
    "A direct channel's objective ends because a peer takes no part in it.",
  "policy/said-no": "A node's policy refuses what every rule allows.",
  "direct-fund/left-before-deposit":
    "An opening takes too long, and a participant who has put nothing into it leaves it.",
  "virtual/given-up-before-postfund":
    "An opening takes too long, and a participant leaves it before she has signed the postfund.",
  "virtual/given-up-while-held":
    "An opening is given up while a participant has yet to tell what she holds of it.",
  "virtual/another-takes-no-part":
    "An opening ends because another participant takes no part in it.",
  "virtual/closed-instead-of-opened":
    "Whoever has signed the postfund of a lost opening asks for its end.",
  "virtual/removal-granted-late":
    "A removal that was refused before a loss of the log is granted after it.",
  "virtual/end-overtook-opening":
    "A participant hears of the end of a virtual channel before she has signed its postfund.",
  "virtual/guarantee-taken-out-unopened":
    "A guarantee goes out of a ledger for a virtual channel that never was open.",
  "virtual/ledger-disputed-meanwhile":
    "A virtual channel wants a change of a ledger that the chain decides.",
  "virtual/withdrawn-by-leader":
    "A leader takes a guarantee out again while its opening is still on its way.",
  "virtual/leader-saw-end-first":
    "A leader takes out the guarantee of a channel whose end on chain the follower has yet to see.",
  "virtual/prefund-again": "The prefund of a virtual channel comes to somebody who knows it.",
  "virtual/policy-said-no": "A participant's policy refuses a virtual channel.",
  "virtual/opening-told-late":
    "A participant who has signed the end hears that the channel was open, and passes it on.",
  "virtual/settled-by-chain":
    "A virtual channel is closed by what the chain says, though nobody had asked to close it.",
  "virtual/stopped-before": "A participant says once more that she pays nothing any longer.",
  "virtual/end-pays-too-little":
    "A final state that came early pays less than vouchers say, and stays unsigned.",
  "virtual/end-left-unsigned":
    "The end of a channel that never opened is waited for no more: nobody's money is in it.",
  "virtual/end-left-to-chain": "No final state is signed, since the chain is asked already.",
  "virtual/end-before-opening-known":
    "A final state comes to somebody who does not know whether the channel was open.",
  "virtual/freed-while-held": "All is done in a virtual channel of which a peer is silent.",
  "virtual/ended-while-held": "What the chain has ended goes on though a peer is silent.",
  "payment/voucher-opened-channel":
    "The first voucher overtakes the postfund, and brings its signatures.",
  "payment/receipt-given": "A payer spends what she was paid, and gives a receipt for it.",
  "payment/counters-passed-over":
    "A payer who lost her log leaves out the counters that she may have used.",
  "payment/passed-counter-unheard":
    "A voucher has a counter that was passed: another one may have been receipted there.",
  "payment/renewed-above-passed-counters":
    "A payer says her newest voucher again, above the counters that the other end passed.",
  "payment/voucher-again": "A voucher comes a second time.",
  "payment/voucher-behind-end": "A voucher comes behind the final state that pays it.",
  "payment/repeated-for-payee": "A payer says again all that she paid to a payee who lost her log.",
  "ledger/prefund-shown-with-proposal":
    "A proposal brings signatures on a prefund that the follower had not heard of.",
  "ledger/end-shown-with-proposal":
    "A proposal brings signatures on a virtual channel's end that the follower had not heard of.",
  "ledger/second-state-under-way": "A leader signs a second state before the first was answered.",
  "ledger/batch-proposed": "A leader puts several changes into one state.",
  "ledger/skip-signed":
    "A leader signs a state without any change in the place of one that was refused.",
  "ledger/above-passed-turns": "A leader signs above turns that were passed.",
  "ledger/changes-wait-for-withdrawal": "What both agreed to waits while a ledger comes to rest.",
  "ledger/agreed-to-several-at-once":
    "A follower signs the newest of several states that wait, and with it those below.",
  "ledger/judgement-waits": "A follower leaves a proposal unanswered until she knows more.",
  "ledger/proposal-refused": "A follower refuses a proposal that she will never agree to.",
  "ledger/proposal-again": "A proposal comes a second time.",
  "ledger/proposal-past": "A proposal comes for a turn that is past.",
  "ledger/turn-left-out": "A proposal leaves out a turn whose message was refused.",
  "ledger/skip-heard":
    "A state without any change comes in the place of one that was refused, or above turns that were passed.",
  "ledger/countersignature-past": "A follower's signature comes for a state that is past.",
  "ledger/countersignature-implies-earlier":
    "One signature of the follower settles several states of the leader.",
  "ledger/change-waits-for-room": "A change that both agreed to does not fit yet, and waits.",
  "ledger/change-proposed-alone": "A change of a batch that was refused is proposed alone.",
  "ledger/batch-refused":
    "A state with several changes is refused: each will be proposed for itself.",
  "ledger/refused-below-another": "A proposal is refused while a later one is built on it.",
  "ledger/proposal-message-refused":
    "The follower's node refuses a proposal as a message, and the leader goes on without it.",
  "ledger/agreed-while-held":
    "A guarantee goes out though a third participant of its channel is silent.",
  "ledger/end-seen-by-leader-first":
    "A follower waits with a removal, since the leader may see the end of its channel first.",
  "ledger/addition-undone": "A removal undoes an addition that never came to be.",
  "ledger/follower-yielded": "Two wishes for one ledger cross, and the follower gives up hers.",
  "ledger/wish-refused-by-policy": "A policy refuses a top-up or a withdrawal of the other end.",
  "game/moved-on-chain": "A player moves in a dispute, for the chain alone.",
  "game/move-learned-from-chain":
    "A player finds a move on the chain that the other one has not sent.",
  "game/other-move-on-chain":
    "A player finds another move on the chain than the other one has sent.",
  "game/own-move-on-chain": "A player who lost its log finds a move of its own on the chain.",
  "game/end-given-up": "A game is not closed, since it has gone on since that was asked for.",
  "game/end-waits-for-move": "The end of a game waits until the other player has signed a move.",
  "game/log-with-gap": "Messages are not recorded, since some before them are not known.",
  "withdrawal/paid-and-not-shown":
    "A withdrawal is over: the chain has paid it, and a peer withholds how the ledger goes on.",
  "withdrawal/given-up":
    "A withdrawal is given up because its ledger closes, or is disputed, or has too little by then.",
  "withdrawal/end-overtaken":
    "A withdrawal ends because the chain has made an older state of its ledger final than the last one.",
  "withdrawal/cut-between-signatures":
    "A log was cut between the two signatures on the ledger that goes on.",
  "withdrawal/paid-by-dispute": "A ledger that ends in a withdrawal is paid out by a dispute.",
  "withdrawal/beside-virtual-channels":
    "Money is withdrawn from a ledger while virtual channels are open in it.",
  "withdrawal/promises-handed-over":
    "What was agreed to or set aside in a ledger goes over to the one that goes on.",
  "withdrawal/asked-for-in-doubt":
    "A leader that may have signed for a withdrawal, and has forgotten it, refuses one until the ledger has gone on.",
  "withdrawal/left-unsure":
    "A leader who lost its log leaves a withdrawal that it may have signed.",
  "withdrawal/rolled-over-after-loss":
    "A node that lost its log finds that its ledger has gone over to another one.",
  "withdrawal/rolled-over-after-all":
    "A withdrawal is left for what the chain told, and its end is what the chain paid by.",
  "withdrawal/next-ledger-read": "The chain is asked what it holds for the ledger that goes on.",
  "withdrawal/signatures-again": "Signatures on the next ledger come when the withdrawal is over.",
  "top-up/merge-seen-by-leader-first":
    "A follower waits with a merge, since the leader may see the deposit first.",
  "top-up/given-up": "A top-up is given up, since its ledger closes.",
  "top-up/on-a-strangers-deposit": "A top-up is deposited on top of what a stranger has put in.",
  "top-up/merge-agreed-anew": "A merge is agreed to anew after a log has lost its end.",
  "top-up/asked-again": "A top-up is asked for a second time.",
} as const;
