/** Tests of deployment, on a chain in this process. */
import { afterAll, beforeAll, beforeEach, describe, expect } from "bun:test";
import { startEvm } from "../../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../../sim/chain/local-chain.ts";
import { testAccount } from "../../sim/chain/test-account.ts";
import { adversarial, golden, invariant, unit } from "../../test/kind.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { NodeError } from "../primitives/node-error.ts";
import { checkDeployment, type Deployment, deployAll, untilMined } from "./deployment.ts";
import { CONTRACT_NAMES, type ContractName, planDeployment } from "./deployment-plan.ts";

const RICH = testAccount(1);
const OTHER = testAccount(2);
const POOR = testAccount(3);
const LOCAL = 31_337n;

let chain: LocalChain;
let blocks = 0;

beforeAll(async () => {
  const accounts = [RICH, OTHER].map(({ address }) => ({ address, balanceWei: 10n ** 18n }));
  chain = await startEvm({ accounts });
});
beforeEach(async () => {
  blocks = 0;
  await chain.reset();
});
afterAll(() => chain.stop());

function settle(): Promise<void> {
  blocks++;
  return chain.mine(GENESIS_TIMESTAMP_SEC + blocks);
}

const deploy = (deployer = RICH): Promise<Deployment> =>
  deployAll(chain.rpc, deployer, { settle, token: true });

const failure = (attempt: Promise<unknown>): Promise<NodeError> =>
  attempt.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: NodeError) => error,
  );

describe("planDeployment", () => {
  golden("gives the addresses of the local chain", () => {
    const plan = planDeployment(LOCAL);

    const addresses = CONTRACT_NAMES.map((name) => [name, plan[name].address as string]);
    expect(Object.fromEntries(addresses)).toEqual({
      adjudicator: "0x43907895cd9bd5df45e1ff1a402c73c63bf24c25",
      consensusApp: "0xa45547167bd1eb1a1a5f6e29dbde1cc798f0d0bc",
      ledgerApp: "0x256ecfec3634b543a794af34284ec4a151c96655",
      goNitroLedgerApp: "0x5961e59f978826a30f5e8df78884802585e883a1",
      paymentApp: "0x5bef62aa413e12976829b62a1dd09d454d7d34c9",
      virtualPaymentApp: "0x38a0c8270ac27244cfb87055df88fdfbf4df0223",
      agreedLogApp: "0xe61c05205835ac760dd540249c746ba647fdd7e6",
      rockPaperScissorsApp: "0x84f4a829ab156a985bac401a70e250e6452403d9",
      tacticsApp: "0x32c350544fe92c02d12d7a09bc766f1aa6e5d004",
      token: "0x7360b9922ad26eed5bcfd88e6c9313881bac826e",
    });
  });

  invariant("gives each chain apps of its own, and all the same adjudicator", () => {
    const here = planDeployment(LOCAL);
    const there = planDeployment(1n);

    expect(there.adjudicator).toEqual(here.adjudicator);
    for (const name of CONTRACT_NAMES.filter((one) => one !== "adjudicator")) {
      expect(there[name].address).not.toBe(here[name].address);
    }
  });

  invariant("gives ledgers the code of the consensus app, at an address for each profile", () => {
    const { consensusApp, goNitroLedgerApp, ledgerApp } = planDeployment(LOCAL);
    const apps = [consensusApp, ledgerApp, goNitroLedgerApp];

    expect(new Set(apps.map(({ codeHash }) => codeHash)).size).toBe(1);
    expect(new Set(apps.map(({ address }) => address)).size).toBe(3);
  });
});

describe("planDeployment for the hardened adjudicator", () => {
  golden("gives the addresses of the local chain", () => {
    const { adjudicator, ledgerApp, paymentApp } = planDeployment(LOCAL, "hardened");

    expect([adjudicator, ledgerApp, paymentApp].map((one): string => one.address)).toEqual([
      "0xb3af431d70e3643560eec32718927b0fbf35b1fe",
      "0xc09576bf685efdf2c7be1a39dda807beb19c4460",
      "0x0a61a5eeece81ad9bb6212979929b3bdccc7cd51",
    ]);
  });

  invariant("puts every contract elsewhere, so that no channel is one of both adjudicators", () => {
    const published = planDeployment(LOCAL);
    const hardened = planDeployment(LOCAL, "hardened");

    for (const name of CONTRACT_NAMES) {
      expect(hardened[name].address).not.toBe(published[name].address);
    }
  });
});

describe("deployAll", () => {
  unit("brings the hardened adjudicator when asked, and checks it by its own code", async () => {
    const options = { settle, adjudicator: "hardened" } as const;
    const hardened = await deployAll(chain.rpc, RICH, options);

    const plan = planDeployment(LOCAL, "hardened");
    expect(hardened.adjudicator).toBe(plan.adjudicator.address);
    expect(hardened.codeHashes.adjudicator).toBe(plan.adjudicator.codeHash);
    await checkDeployment(chain.rpc, hardened);
    await chain.rpc.request("hardhat_setCode", [hardened.adjudicator, "0x00"]);
    expect((await failure(checkDeployment(chain.rpc, hardened))).code).toBe("CodeMismatch");
  });

  unit("puts all contracts where they were planned, the public proxy included", async () => {
    const deployment = await deploy();

    const plan = planDeployment(LOCAL);
    for (const name of CONTRACT_NAMES) {
      expect(deployment[name]).toBe(plan[name].address);
      expect(deployment.codeHashes[name]).toBe(plan[name].codeHash);
    }
    expect(deployment.chainId).toBe(LOCAL);
    expect(blocks).toBe(3);
  });

  unit("finds all in place at a second run, whoever runs it, and sends nothing", async () => {
    const first = await deploy();
    const second = await deploy(POOR);

    expect(second).toEqual(first);
    expect(blocks).toBe(3);
  });

  unit("gives the same addresses whoever pays", async () => {
    const first = await deploy();
    blocks = 0;
    await chain.reset();

    expect(await deploy(OTHER)).toEqual(first);
  });

  unit("leaves the token out unless asked, and can bring it later", async () => {
    const { codeHashes, token } = await deployAll(chain.rpc, RICH, { settle });
    expect(token).toBeUndefined();
    expect(codeHashes.token).toBeUndefined();

    expect((await deploy()).token).toBe(planDeployment(LOCAL).token.address);
    expect(blocks).toBe(4);
  });

  unit("passes on that the deployer has no money", async () => {
    const { code, message } = await failure(deploy(POOR));

    expect(code).toBe("RpcRefused");
    expect(message).toContain("Insufficient funds");
  });

  adversarial("stops at code that is not ours, and says which, where and what", async () => {
    const { address } = planDeployment(LOCAL).virtualPaymentApp;
    await chain.rpc.request("hardhat_setCode", [address, "0x00"]);

    const { code, data, message } = await failure(deploy());
    expect(code).toBe("CodeMismatch");
    expect(data).toMatchObject({ contract: "virtualPaymentApp", address });
    expect(message).toContain(`the virtualPaymentApp at ${address} has the wrong code`);
  });

  adversarial("does not believe a settle that mined nothing", async () => {
    const proxyOnly = async (): Promise<void> => {
      if (blocks < 2) await settle();
    };
    const impatient = deployAll(chain.rpc, RICH, { settle: proxyOnly });

    expect((await failure(impatient)).code).toBe("CodeMismatch");
  });

  adversarial("refuses to bring money that anyone can mint to a real chain", async () => {
    const real: EthereumRpc = { request: async () => "0x1" };

    await expect(deployAll(real, RICH, { settle, token: true })).rejects.toThrow("local chains");
  });
});

describe("checkDeployment", () => {
  unit("is content with what was deployed", async () => {
    await checkDeployment(chain.rpc, await deploy());
  });

  adversarial("finds each contract whose code has changed", async () => {
    const deployment = await deploy();
    for (const name of Object.keys(deployment.codeHashes) as ContractName[]) {
      const code = await chain.rpc.request("eth_getCode", [deployment[name], "latest"]);
      await chain.rpc.request("hardhat_setCode", [deployment[name], `${String(code)}00`]);

      const { data } = await failure(checkDeployment(chain.rpc, deployment));
      expect(data["contract"]).toBe(name);
      await chain.rpc.request("hardhat_setCode", [deployment[name], code]);
    }
  });
});

describe("untilMined", () => {
  const HASH = `0x${"7a".repeat(32)}` as Hash;

  /** A clock whose timers run at once, each as late as it was asked to be. */
  function leapingClock(): Clock {
    let nowMs = 0;
    return {
      nowMs: () => nowMs,
      after: (delayMs, run) => {
        nowMs += delayMs;
        queueMicrotask(run);
        return () => {};
      },
    };
  }

  unit("looks again until the receipt is there", async () => {
    let looks = 0;
    const rpc: EthereumRpc = { request: async () => (++looks < 4 ? null : { status: "0x1" }) };

    await untilMined(rpc, leapingClock(), { pollMs: 500, timeoutMs: 10_000 })([HASH]);

    expect(looks).toBe(4);
  });

  unit("gives up after the time allowed, and names the transaction", async () => {
    const rpc: EthereumRpc = { request: async () => null };
    const wait = untilMined(rpc, leapingClock(), { pollMs: 500, timeoutMs: 1_000 })([HASH]);

    const { code, message } = await failure(wait);
    expect(code).toBe("RpcUnreachable");
    expect(message).toContain(`transaction ${HASH} is in no block after 1000 ms`);
  });
});
