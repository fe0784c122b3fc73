/** Marks of the chain: disputes, reorganisations, endpoints, transactions, watchtowers. */

/** Each name, and the situation in a sentence. */
export const CHAIN_MARKS = {
  "dispute/concluded-by-final-state": "A dispute shows the final state that all have signed.",
  "dispute/latest-state-left-alone":
    "Somebody challenges with what I would show myself, and I leave it alone.",
  "dispute/answered-by-newer-state": "An old state on chain is answered by a newer one.",
  "dispute/redeems-vouchers": "An end of a virtual channel shows the chain its best vouchers.",
  "dispute/receipt-learned-from-chain":
    "A challenge shows a receipt for my voucher, and my answer counts on it.",
  "dispute/guarantee-reclaimed": "A guarantee of a disputed ledger is reclaimed.",
  "dispute/paid-one-by-one": "All cannot be paid together, so each asset is paid for itself.",
  "dispute/deed-tried-again": "A transaction of a dispute was refused, and is tried again.",
  "dispute/wanted-by-user": "A user wants the chain to decide.",
  "dispute/drags-another-channel-along":
    "A dispute begins in a channel because another one hangs on it.",
  "dispute/ended-an-objective": "A dispute ends what still needed signatures in the channel.",
  "dispute/opening-left": "A dispute ends an opening, and what that wanted of other ledgers goes.",
  "dispute/deposit-dropped": "A dispute ends an objective whose deposit was not signed yet.",
  "dispute/joined-by-challenge": "A challenge of somebody else brings a node into a dispute.",
  "dispute/leftover-left-alone": "Money that came in behind the end of a dispute is left alone.",
  "dispute/put-off-by-doubt":
    "What is overdue is not disputed while the log may have lost its end.",
  "dispute/opening-overdue":
    "An opening that nobody can leave any more takes too long, and goes to the chain.",
  "dispute/guarantee-not-let-go":
    "A neighbour does not let a guarantee go, and the ledger goes to the chain.",
  "dispute/ledger-stuck":
    "A ledger in which something waits to be signed for too long goes to the chain.",
  "dispute/begun-by-policy":
    "Others are silent for too long, and a node leaves it to the chain by itself.",
  "dispute/answered-in-doubt": "A challenge is answered though the log may have lost its end.",
  "dispute/signature-learned-from-chain": "The chain shows a signature that was withheld from me.",
  "dispute/redemption-seen-in-checkpoint": "A checkpoint shows vouchers and their receipts.",
  "dispute/reclaim-without-its-call":
    "A guarantee was reclaimed by a call that the endpoint does not tell.",
  "dispute/challenge-cleared": "A checkpoint ends a challenge, and the channel is open again.",
  "dispute/challenge-expired": "Nobody answers a challenge in time.",
  "chain/log-again": "A log is told that was told before.",
  "chain/nothing-signed-untrusted": "Nothing is signed while the endpoints contradict each other.",
  "chain/head-went-back": "An endpoint gives a newest block that is older than one before.",
  "chain/stale": "The chain that is seen is too old to put money into anything.",
  "chain/distrusted":
    "Endpoints contradict each other or themselves, and nothing is signed from then on.",
  "chain/trusted-again": "Endpoints that had contradicted each other agree again.",
  "chain/answers-do-not-fit": "Answers of one endpoint do not fit together.",
  "chain/unreachable": "The chain cannot be reached, and the work is tried again later.",
  "chain/holdings-not-agreed": "Endpoints do not agree about what a channel holds.",
  "chain/logs-late": "A block that says it holds logs comes without any, and is read once more.",
  "chain/logs-told-again": "Logs come late, and what was told from their block on is told again.",
  "chain/logs-of-earlier-life-told-again":
    "Logs come late to blocks that a node has read before it was restarted, or many at once.",
  "chain/receipt-shows-missing-logs": "A receipt holds logs that the endpoint had kept back.",
  "chain/logs-not-agreed": "Another endpoint does not say the same about the logs of a block.",
  "chain/caught-up-by-range": "A node that was away reads many blocks at once.",
  "chain/another-endpoint-followed": "The first endpoint is silent, and another one is followed.",
  "chain/endpoint-waited-for": "What is told waits for an endpoint that has not answered.",
  "chain/endpoint-denies": "An endpoint denies what the one that is followed says.",
  "chain/answer-too-late": "An endpoint does not answer a call in time.",
  "chain/log-twice-in-one-answer": "An endpoint gives one log twice.",
  "chain/call-from-another-contract":
    "The adjudicator was called by another contract, and a trace is asked for.",
  "chain/reclaimed-by-another":
    "Somebody else reclaims a guarantee in a dispute before this node does.",
  "chain/paid-out-by-another":
    "Somebody else has a disputed channel paid out before this node does.",
  "chain/concluded-by-another": "Somebody else concludes a disputed channel before this node does.",
  "chain/held-more-than-owed":
    "A channel holds more than it owes, since a stranger put something in.",
  "reorg/transaction-taken-back":
    "A confirmed transaction of my own is gone with its block, and is sent again.",
  "reorg/channel-held": "Nothing is signed in a channel whose money a reorganisation took.",
  "reorg/unconfirmed-blocks": "Blocks are replaced that counted for nobody yet.",
  "reorg/confirmed-blocks": "Blocks are replaced that were told as confirmed.",
  "reorg/below-all-that-is-known": "A reorganisation goes below the oldest block that is known.",
  "reorg/deposit-taken-back": "A reorganisation takes back a deposit.",
  "reorg/challenge-taken-back": "A reorganisation takes back a challenge.",
  "reorg/answer-taken-back": "A reorganisation takes back what had ended a challenge.",
  "reorg/conclusion-taken-back": "A reorganisation takes back a conclusion.",
  "reorg/payout-taken-back": "A reorganisation takes back a payout.",
  "reorg/reclaim-taken-back": "A reorganisation takes back a reclaim.",
  "transaction/deposit-waits-for-trust": "A deposit waits while the endpoints cannot be trusted.",
  "transaction/deposit-waits-for-dispute": "A deposit waits while a challenge runs in its channel.",
  "transaction/too-early": "A payout or a reclaim waits for the end of a challenge.",
  "transaction/waits-for-lower-fees":
    "A transaction is not signed while a block costs more than its cap.",
  "transaction/signed-against-estimate":
    "The endpoint expects a call to fail, and it is signed all the same.",
  "transaction/pointless":
    "A transaction is given up before it is signed, since it would change nothing.",
  "transaction/pointless-for-now":
    "A transaction would change nothing, as blocks have it that may yet be replaced.",
  "transaction/sent-again-after-reorg":
    "Blocks were replaced, and a transaction that may have been in them is sent again.",
  "transaction/not-raised":
    "A transaction that nobody mines is sent again at the price that it had.",
  "transaction/fee-raised": "A transaction that nobody mines is replaced by a dearer one.",
  "transaction/fee-at-its-cap": "A transaction cannot offer more, since its cap is reached.",
  "transaction/last-blocks-before-deadline":
    "An answer to a challenge is still not mined in the last two blocks before its end.",
  "transaction/urgent-at-its-cap":
    "An urgent transaction offers all that it may while a block costs more.",
  "transaction/nonce-taken":
    "The nonce of a transaction went to another one, and it is signed anew.",
  "transaction/gap-filled": "A nonce that nobody uses is filled by a payment of nothing.",
  "transaction/unknown-one-replaced":
    "A transaction that the log does not know, and no miner takes, gives way to a payment of nothing.",
  "transaction/unknown-one-outbid-again":
    "What was to replace a transaction that the node does not know was not enough.",
  "transaction/replaced-one-mined": "Of several prices of one transaction an earlier one is mined.",
  "transaction/refused-by-contract": "The contract refuses a transaction that is in a block.",
  "transaction/deposit-front-run":
    "A deposit would fail, since something else was put in or taken out before it.",
  "transaction/challenge-overtaken":
    "A challenge is not sent, since as new a state is on record by then.",
  "transaction/outcome-changed-before":
    "A payout or a reclaim is not sent, since another one has changed the outcome before it.",
  "transaction/log-knew-an-old-nonce":
    "The chain knows of more transactions of an account than its log.",
  "tower/older-refused": "A client gives a tower an older state than the one that is kept.",
  "tower/too-many-channels": "A client wants more channels watched than a tower allows.",
  "tower/watch-ended-by-client": "A client needs a channel watched no more.",
  "tower/chain-turned-back": "A tower takes back what replaced blocks had told.",
  "tower/call-refused": "The contract refuses what a tower sent: somebody was faster.",
  "tower/old-state-answered": "A tower answers an old state for a client who is away.",
  "tower/answered-by-conclusion": "A tower answers an old state by the final one.",
  "tower/answered-by-vouchers": "A tower answers an old state by vouchers.",
  "tower/reclaims": "A tower reclaims a guarantee for a client who is away.",
  "tower/pays-one-by-one": "A tower cannot pay all together, and pays each for himself.",
  "tower/challenged-before-watch": "A channel was challenged before it was given to a tower.",
  "tower/appointment-too-large": "A client gives a tower more states than any app asks for.",
} as const;
