/** Rock, paper, scissors on the adjudicator itself: played on chain by one signature a move, and paid. */
import { afterAll, beforeAll, beforeEach, describe, expect } from "bun:test";
import {
  commitmentOf,
  newRockPaperScissors,
  ROCK_PAPER_SCISSORS,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import { startEvm } from "../../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../../sim/chain/local-chain.ts";
import type { TestAccount } from "../../sim/chain/test-account.ts";
import { receiptOf, sendCall } from "../../sim/chain/test-wallet.ts";
import {
  type ContractCall,
  challengeCall,
  checkpointCall,
  depositCall,
  type SignedVariablePart,
  transferAllAssetsCall,
} from "../../src/chain/adjudicator.ts";
import { deployAll } from "../../src/chain/deployment.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { LogMessage } from "../../src/channel/message-log.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { playedState } from "../../src/protocols/message-log-rule.ts";
import { adversarial, integration } from "../kind.ts";
import { acceptedOf } from "../reducers.ts";
import { beginningOf, gameChannel, gameMessage, PLAYERS, staked } from "../sample-games.ts";

const APP = `0x${"a1".repeat(20)}` as Address;
const CHANNEL: FixedPart = gameChannel(APP);
const CHANNEL_ID = channelIdOf(CHANNEL);
const FUNDING = [staked([7n, 13n])];
const [ALICE, BOB] = PLAYERS;
const PAPER = Uint8Array.of(1, ...new Uint8Array(32).fill(5));

let chain: LocalChain;
let adjudicator: Address;
let nowSec = GENESIS_TIMESTAMP_SEC;
let startSec = 0;

beforeAll(async () => {
  const accounts = PLAYERS.map(({ address }) => ({ address, balanceWei: 10n ** 19n }));
  chain = await startEvm({ accounts });
  ({ adjudicator } = await deployAll(chain.rpc, BOB, { settle: () => mine(1), token: false }));
  await chain.rpc.request("hardhat_setCode", [APP, ROCK_PAPER_SCISSORS.deployedBytecode]);
  const deposit = { asset: ZERO_ADDRESS, channelId: CHANNEL_ID, expectedHeld: 0n, amount: 20n };
  await send(ALICE, depositCall(adjudicator, deposit));
  await chain.checkpoint();
  startSec = nowSec;
});
beforeEach(async () => {
  await chain.reset();
  nowSec = startSec;
});
afterAll(() => chain.stop());

function mine(afterSec: number): Promise<void> {
  nowSec += afterSec;
  return chain.mine(nowSec);
}

async function send(account: TestAccount, call: ContractCall): Promise<void> {
  const hash = await sendCall(chain.rpc, account, call);
  await mine(1);
  expect((await receiptOf(chain.rpc, hash)).status).toBe("0x1");
}

/** Why the contract refuses a call, asked without sending it. */
function refusal({ data, to }: ContractCall): Promise<string> {
  const attempt = chain.rpc.request("eth_call", [{ from: BOB.address, to, data }, "latest"]);
  return attempt.then(
    () => "it is not refused",
    (error: Error) => error.message,
  );
}

function signed(variablePart: VariablePart, signers: readonly TestAccount[]): SignedVariablePart {
  const hash = stateHash(CHANNEL_ID, variablePart);
  return { variablePart, signatures: signers.map(({ signHash }) => signHash(hash)) };
}

/** What both signed before they play. */
const BEGINNING = signed(beginningOf(newRockPaperScissors(), FUNDING), PLAYERS);

const COMMIT = gameMessage("commit", commitmentOf(CHANNEL_ID, 0, PAPER));
const PLAY_ROCK = gameMessage("play", Uint8Array.of(0));
const REVEAL = gameMessage("reveal", PAPER);

/** A move, signed by who makes it. */
function move(
  before: SignedVariablePart,
  by: TestAccount,
  message: LogMessage,
): SignedVariablePart {
  const { variablePart } = before;
  const played = playedState(CHANNEL_ID, variablePart, [message], rockPaperScissorsTwin);
  return signed(acceptedOf(played), [by]);
}

function challenge(
  proof: SignedVariablePart,
  state: SignedVariablePart,
  by: TestAccount,
): ContractCall {
  const claim = { fixedPart: CHANNEL, proof: [proof], candidate: state };
  const hash = challengeHash(stateHash(CHANNEL_ID, state.variablePart));
  return challengeCall(adjudicator, claim, by.signHash(hash));
}

async function coinsOf({ address }: TestAccount): Promise<bigint> {
  return BigInt((await chain.rpc.request("eth_getBalance", [address, "latest"])) as Hex);
}

/** Waits until the challenge has run out, and pays. Gives what Alice got; Bob pays the fees. */
async function payOut({ variablePart }: SignedVariablePart): Promise<bigint> {
  await mine(CHANNEL.challengeDurationSec + 1);
  const before = await coinsOf(ALICE);
  const hash = stateHash(CHANNEL_ID, variablePart);
  const payout = { channelId: CHANNEL_ID, outcome: variablePart.outcome, stateHash: hash };
  await send(BOB, transferAllAssetsCall(adjudicator, payout));
  return (await coinsOf(ALICE)) - before;
}

describe("a game by challenges", () => {
  integration("is played to its end by one signature a move, and pays the winner", async () => {
    const commit = move(BEGINNING, ALICE, COMMIT);
    const play = move(commit, BOB, PLAY_ROCK);
    const reveal = move(play, ALICE, REVEAL);

    await send(ALICE, challenge(BEGINNING, commit, ALICE));
    await send(BOB, challenge(commit, play, BOB));
    await send(ALICE, challenge(play, reveal, ALICE));

    expect(await payOut(reveal)).toBe(20n);
  });

  integration("pays the other one when a player refuses to reveal", async () => {
    const commit = move(BEGINNING, ALICE, COMMIT);
    const play = move(commit, BOB, PLAY_ROCK);

    await send(ALICE, challenge(BEGINNING, commit, ALICE));
    await send(BOB, challenge(commit, play, BOB));

    expect(await payOut(play)).toBe(0n);
  });

  integration("pays who committed when the other one does not play", async () => {
    const commit = move(BEGINNING, ALICE, COMMIT);
    await send(ALICE, challenge(BEGINNING, commit, ALICE));

    expect(await payOut(commit)).toBe(20n);
  });

  integration("goes on off chain after a checkpoint that answers with a move", async () => {
    const commit = move(BEGINNING, ALICE, COMMIT);
    const play = move(commit, BOB, PLAY_ROCK);
    const answer = { fixedPart: CHANNEL, proof: [commit], candidate: play };

    await send(ALICE, challenge(BEGINNING, commit, ALICE));
    await send(BOB, checkpointCall(adjudicator, answer));
    await mine(CHANNEL.challengeDurationSec + 1);

    const { outcome } = commit.variablePart;
    const hash = stateHash(CHANNEL_ID, commit.variablePart);
    const payout = { channelId: CHANNEL_ID, outcome, stateHash: hash };
    expect(await refusal(transferAllAssetsCall(adjudicator, payout))).toContain("not finalized");
  });
});

describe("a cheat", () => {
  adversarial("is not supported: an outcome that pays its own mover", async () => {
    const commit = move(BEGINNING, ALICE, COMMIT);
    const play = move(commit, BOB, PLAY_ROCK).variablePart;
    const lost = move(signed(play, [BOB]), ALICE, REVEAL).variablePart;
    const greedy = signed({ ...lost, outcome: play.outcome }, [ALICE]);

    const call = challenge(signed(play, [BOB]), greedy, ALICE);
    expect(await refusal(call)).toContain("AmountWrong");
  });

  adversarial("is not supported: an opening that was not committed to", async () => {
    const commit = move(BEGINNING, ALICE, COMMIT);
    const play = move(commit, BOB, gameMessage("play", Uint8Array.of(2)));
    // Rock would beat the scissors, but paper was committed to: a state as if it had been rock.
    const other = Uint8Array.of(0, ...new Uint8Array(32).fill(5));
    const wished = beginningOf(newRockPaperScissors(), FUNDING);
    const committed = signed(wished, PLAYERS);
    const rock = gameMessage("commit", commitmentOf(CHANNEL_ID, 0, other));
    const lie = move(
      move(move(committed, ALICE, rock), BOB, gameMessage("play", Uint8Array.of(2))),
      ALICE,
      gameMessage("reveal", other),
    );

    expect(await refusal(challenge(play, lie, ALICE))).toContain("HashWrong");
  });

  adversarial(
    "is not supported: a move in the other's name, and one on top of one's own",
    async () => {
      const commit = move(BEGINNING, ALICE, COMMIT);
      const forged = move(commit, ALICE, PLAY_ROCK);
      const reveal = move(forged, ALICE, REVEAL);

      expect(await refusal(challenge(commit, forged, ALICE))).toContain("NotSignedByMover");
      expect(await refusal(challenge(forged, reveal, ALICE))).toContain("ProofNotSigned");
    },
  );
});
