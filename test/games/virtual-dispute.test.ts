/** A game in a virtual channel, on the adjudicator: played by challenges, and paid from a ledger that guarantees it. */
import { describe, expect } from "bun:test";
import {
  commitmentOf,
  newRockPaperScissors,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import type { TestAccount } from "../../sim/chain/test-account.ts";
import {
  type ContractCall,
  challengeCall,
  concludeCall,
  depositCall,
  type SignedVariablePart,
  transferAllAssetsCall,
} from "../../src/chain/adjudicator.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { LogMessage } from "../../src/channel/message-log.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import { VIRTUAL_FINAL_TURN } from "../../src/channel/payment-voucher.ts";
import { stateHash } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { playedState } from "../../src/protocols/message-log-rule.ts";
import { adversarial, integration } from "../kind.ts";
import { acceptedOf } from "../reducers.ts";
import { beginningOf, gameMessage } from "../sample-games.ts";
import { ALICE, BOB, IRENE, virtualChannel, virtualCoins } from "../sample-payments.ts";
import { CONCLUDED, signedBy, virtualChain } from "../virtual-chain.ts";

const PAPER = Uint8Array.of(1, ...new Uint8Array(32).fill(5));
const ROCK = gameMessage("play", Uint8Array.of(0));
const REVEAL = gameMessage("reveal", PAPER);

const chain = virtualChain();

/** A game that Alice and Bob play over Irene, who guarantees what they brought: 7 and 13. */
type Game = {
  readonly channel: FixedPart;
  readonly funding: Outcome;
  readonly postfund: SignedVariablePart;
};

function begun(): Game {
  const channel = virtualChannel(chain.deployment.rockPaperScissorsApp);
  const funding = virtualCoins(7n, 13n);
  const beginning = beginningOf(newRockPaperScissors(), funding);
  return { channel, funding, postfund: signedBy(channel, beginning, [ALICE, IRENE, BOB]) };
}

/** A move on a state, by who makes it. */
function move(
  { channel }: Game,
  before: SignedVariablePart,
  by: TestAccount,
  message: LogMessage,
): SignedVariablePart {
  const { variablePart } = before;
  const played = playedState(channelIdOf(channel), variablePart, [message], rockPaperScissorsTwin);
  return signedBy(channel, acceptedOf(played), [by]);
}

/** A round, of which Alice wins the last move: she commits to paper, Bob plays rock. */
function round(game: Game): readonly SignedVariablePart[] {
  const commitment = commitmentOf(channelIdOf(game.channel), 0, PAPER);
  const committed = move(game, game.postfund, ALICE, gameMessage("commit", commitment));
  const played = move(game, committed, BOB, ROCK);
  return [committed, played, move(game, played, ALICE, REVEAL)];
}

function challenge(
  { channel, postfund }: Game,
  on: SignedVariablePart | undefined,
  candidate: SignedVariablePart,
  by: TestAccount,
): ContractCall {
  const proof = on === undefined ? [postfund] : [postfund, on];
  const hash = challengeHash(stateHash(channelIdOf(channel), candidate.variablePart));
  const { adjudicator } = chain.deployment;
  return challengeCall(adjudicator, { fixedPart: channel, proof, candidate }, by.signHash(hash));
}

/** What a player gets of an ended ledger by the end of the game, besides what it holds for her anyway. */
async function paidBy(game: Game, ended: SignedVariablePart): Promise<bigint> {
  const ledger = await chain.concludeLedger(ALICE, IRENE, game);
  await chain.mine(game.channel.challengeDurationSec);
  const before = await chain.coinsOf(IRENE);
  const hash = stateHash(channelIdOf(game.channel), ended.variablePart);
  await chain.reclaimAndPay(ledger, ended.variablePart, hash);
  // Irene stands for Bob in the ledger with Alice, and has 7 of her own in it.
  return 20n - ((await chain.coinsOf(IRENE)) - before - 7n);
}

describe("a game in a virtual channel", () => {
  integration(
    "is played to its end on the chain, and its winner is paid from a ledger",
    async () => {
      const game = begun();
      const [committed, played, revealed] = round(game);
      if (committed === undefined || played === undefined || revealed === undefined) return;

      await chain.send(ALICE, challenge(game, undefined, committed, ALICE));
      await chain.send(BOB, challenge(game, committed, played, BOB));
      await chain.send(ALICE, challenge(game, played, revealed, ALICE));

      expect(await paidBy(game, revealed)).toBe(20n);
    },
  );

  integration("pays the other one when a player does not reveal", async () => {
    const game = begun();
    const [committed, played] = round(game);
    if (committed === undefined || played === undefined) return;

    await chain.send(BOB, challenge(game, committed, played, BOB));

    expect(await paidBy(game, played)).toBe(0n);
  });

  integration("gives back what both brought where nobody has moved", async () => {
    const game = begun();
    const hash = challengeHash(stateHash(channelIdOf(game.channel), game.postfund.variablePart));
    const claim = { fixedPart: game.channel, proof: [], candidate: game.postfund };
    const { adjudicator } = chain.deployment;
    await chain.send(IRENE, challengeCall(adjudicator, claim, IRENE.signHash(hash)));

    expect(await paidBy(game, game.postfund)).toBe(7n);
  });

  integration("ends by a final state that all have signed", async () => {
    const game = begun();
    const revealed = round(game)[2];
    if (revealed === undefined) return;
    const final = { ...game.postfund.variablePart, turnNum: VIRTUAL_FINAL_TURN, isFinal: true };
    const ended = { ...final, outcome: revealed.variablePart.outcome };
    const { signatures } = signedBy(game.channel, ended, [ALICE, IRENE, BOB]);
    const { adjudicator } = chain.deployment;
    await chain.send(BOB, concludeCall(adjudicator, game.channel, ended, signatures));
    const ledger = await chain.concludeLedger(ALICE, IRENE, game);
    const before = await chain.coinsOf(IRENE);
    await chain.reclaimAndPay(ledger, ended, CONCLUDED);

    expect((await chain.coinsOf(IRENE)) - before).toBe(7n);
  });
});

describe("whoever cheats in it", () => {
  adversarial(
    "is refused a step without the postfund, or behind one that not all signed",
    async () => {
      const game = begun();
      const [committed, played] = round(game);
      if (committed === undefined || played === undefined) return;
      const forged = signedBy(game.channel, game.postfund.variablePart, [ALICE, BOB]);

      const bare = { ...game, postfund: committed };
      expect(await chain.refusal(challenge(bare, undefined, played, BOB))).toContain(
        "ProofNotPostfund",
      );
      const without = { ...game, postfund: forged };
      expect(await chain.refusal(challenge(without, committed, played, BOB))).toContain(
        "ProofNotUnanimous",
      );
    },
  );

  adversarial(
    "cannot take more from Irene than she guarantees, though both players sign it",
    async () => {
      const game = begun();
      const [committed] = round(game);
      if (committed === undefined) return;
      const more = { ...committed.variablePart, outcome: virtualCoins(700n, 1_300n) };
      const both = signedBy(game.channel, more, [ALICE, BOB]);

      expect(await chain.refusal(challenge(game, undefined, both, ALICE))).toContain("SumChanged");
    },
  );

  adversarial(
    "takes nothing out of the channel itself: what it holds is a stranger's gift",
    async () => {
      const game = begun();
      const [committed] = round(game);
      if (committed === undefined) return;
      await chain.send(ALICE, challenge(game, undefined, committed, ALICE));
      await chain.mine(game.channel.challengeDurationSec);
      const { outcome } = committed.variablePart;
      const channelId = channelIdOf(game.channel);
      const { adjudicator } = chain.deployment;
      const gift = { asset: ZERO_ADDRESS, channelId, expectedHeld: 0n, amount: 20n };
      await chain.send(BOB, depositCall(adjudicator, gift));

      const hash = stateHash(channelId, committed.variablePart);
      const call = transferAllAssetsCall(adjudicator, { channelId, outcome, stateHash: hash });
      expect(await chain.refusal(call)).toContain("cannot transfer a guarantee");
    },
  );
});
