/** A game that is played on the adjudicator itself: both have deposited, and what follows is up to the contracts. */
import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import type { Artifact } from "../../contracts/artifact.ts";
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
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { LogMessage } from "../../src/channel/message-log.ts";
import type { Twin } from "../../src/channel/message-log-twin.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { playedState } from "../../src/protocols/message-log-rule.ts";
import { acceptedOf } from "../reducers.ts";
import { beginningOf, gameChannel, PLAYERS, staked } from "../sample-games.ts";

/** What Alice and Bob have deposited, in the chain's coin. */
export const DEPOSITS = [7n, 13n] as const;

const APP = `0x${"a1".repeat(20)}` as Address;
const [ALICE, BOB] = PLAYERS;

/** What a game on chain is made of. */
export type GameOnChain = {
  readonly app: Artifact;
  readonly twin: Twin;
  readonly beginning: Uint8Array;
};

/** Call it at the top of a test file: each of its tests finds the channel funded and nothing played. */
export function disputedGame(game: GameOnChain): DisputedGame {
  const disputed = new DisputedGame(game);
  beforeAll(() => disputed.start());
  beforeEach(() => disputed.reset());
  afterAll(() => disputed.stop());
  return disputed;
}

/** A channel of a game, its states, and the chain that pays it. */
class DisputedGame {
  readonly channel: FixedPart = gameChannel(APP);
  readonly channelId: ChannelId = channelIdOf(this.channel);
  /** What both signed before they play. */
  readonly beginning: SignedVariablePart;
  readonly #game: GameOnChain;
  #started: { readonly chain: LocalChain; readonly adjudicator: Address } | undefined;
  #nowSec = GENESIS_TIMESTAMP_SEC;
  #startSec = 0;

  constructor(game: GameOnChain) {
    this.#game = game;
    this.beginning = this.signed(beginningOf(game.beginning, [staked(DEPOSITS)]), PLAYERS);
  }

  async start(): Promise<void> {
    const accounts = PLAYERS.map(({ address }) => ({ address, balanceWei: 10n ** 19n }));
    const chain = await startEvm({ accounts });
    const settle = (): Promise<void> => this.#mine(chain, 1);
    const { adjudicator } = await deployAll(chain.rpc, BOB, { settle, token: false });
    this.#started = { chain, adjudicator };
    await chain.rpc.request("hardhat_setCode", [APP, this.#game.app.deployedBytecode]);
    const { channelId } = this;
    const deposit = { asset: ZERO_ADDRESS, channelId, expectedHeld: 0n, amount: 20n };
    await this.send(ALICE, depositCall(adjudicator, deposit));
    await chain.checkpoint();
    this.#startSec = this.#nowSec;
  }

  async reset(): Promise<void> {
    await this.#chain.reset();
    this.#nowSec = this.#startSec;
  }

  async stop(): Promise<void> {
    await this.#started?.chain.stop();
  }

  signed(variablePart: VariablePart, signers: readonly TestAccount[]): SignedVariablePart {
    const hash = stateHash(this.channelId, variablePart);
    return { variablePart, signatures: signers.map(({ signHash }) => signHash(hash)) };
  }

  /** A move that the rules allow, signed by who makes it. */
  move(before: SignedVariablePart, by: TestAccount, message: LogMessage): SignedVariablePart {
    const { twin } = this.#game;
    const played = playedState(this.channelId, before.variablePart, [message], twin);
    return this.signed(acceptedOf(played), [by]);
  }

  /** A challenge by a state on top of another one, or by one that needs none since both signed it. */
  challenge(
    proof: SignedVariablePart | undefined,
    candidate: SignedVariablePart,
    by: TestAccount,
  ): ContractCall {
    const shown = proof === undefined ? [] : [proof];
    const claim = { fixedPart: this.channel, proof: shown, candidate };
    const hash = challengeHash(stateHash(this.channelId, candidate.variablePart));
    return challengeCall(this.#adjudicator, claim, by.signHash(hash));
  }

  checkpoint(proof: SignedVariablePart, candidate: SignedVariablePart): ContractCall {
    return checkpointCall(this.#adjudicator, {
      fixedPart: this.channel,
      proof: [proof],
      candidate,
    });
  }

  /** The call that pays what a state says. */
  payout({ variablePart }: SignedVariablePart): ContractCall {
    const hash = stateHash(this.channelId, variablePart);
    return transferAllAssetsCall(this.#adjudicator, {
      channelId: this.channelId,
      outcome: variablePart.outcome,
      stateHash: hash,
    });
  }

  /** Sends a call, which must succeed. */
  async send(account: TestAccount, call: ContractCall): Promise<void> {
    const { rpc } = this.#chain;
    const hash = await sendCall(rpc, account, call);
    await this.#mine(this.#chain, 1);
    expect((await receiptOf(rpc, hash)).status).toBe("0x1");
  }

  /** Why the contract refuses a call, asked without sending it. */
  async refusal({ data, to }: ContractCall): Promise<string> {
    const attempt = this.#chain.rpc.request("eth_call", [
      { from: BOB.address, to, data },
      "latest",
    ]);
    return attempt.then(
      () => "it is not refused",
      (error: Error) => error.message,
    );
  }

  /** Lets a challenge run out that nobody has answered. */
  async waitForEnd(): Promise<void> {
    await this.#mine(this.#chain, this.channel.challengeDurationSec + 1);
  }

  /** Waits until the challenge has run out, and pays. Gives what Alice got; Bob pays the fees. */
  async payOut(state: SignedVariablePart): Promise<bigint> {
    await this.waitForEnd();
    const before = await this.#coinsOfAlice();
    await this.send(BOB, this.payout(state));
    return (await this.#coinsOfAlice()) - before;
  }

  get #chain(): LocalChain {
    return assertDefined(this.#started, "a chain, inside a test").chain;
  }

  get #adjudicator(): Address {
    return assertDefined(this.#started, "a chain, inside a test").adjudicator;
  }

  #mine(chain: LocalChain, afterSec: number): Promise<void> {
    this.#nowSec += afterSec;
    return chain.mine(this.#nowSec);
  }

  async #coinsOfAlice(): Promise<bigint> {
    const inputs = [ALICE.address, "latest"];
    return BigInt((await this.#chain.rpc.request("eth_getBalance", inputs)) as Hex);
  }
}
