/** Tests of the way to a chain that is shut until the chain has shown what it is. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../../test/chain-of-file.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import type { EthereumRpc } from "../../ports/ethereum-rpc.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { ChainGate } from "./chain-gate.ts";
import { configuredDeployment } from "./configured-deployment.ts";

const chain = chainOfFile("evm");
const clock = { nowMs: () => 0, after: () => () => {} };
const deployment = configuredDeployment({
  chain: { rpc: [], id: 31_337n, adjudicator: "published", contracts: {} },
});
const AWAY = new NodeError("RpcUnreachable", "nobody answers");

/** An endpoint that says what it is told to, and remembers what it was asked. */
function endpoint(answers: { chainId?: string; away?: boolean; code?: string }): {
  readonly answers: { away?: boolean };
  readonly asked: readonly string[];
  readonly rpc: EthereumRpc;
} {
  const asked: string[] = [];
  const rpc: EthereumRpc = {
    request: async (method) => {
      asked.push(method);
      if (answers.away === true) throw AWAY;
      if (method === "eth_chainId") return answers.chainId ?? "0x7a69";
      if (method === "eth_getCode") return answers.code ?? "0x";
      if (method === "eth_getBlockByNumber") return { timestamp: "0x64" };
      throw new NodeError("RpcRefused", "no");
    },
  };
  return { answers, asked, rpc };
}

function createGate(...rpcs: EthereumRpc[]) {
  const mismatches: string[] = [];
  const calls: string[] = [];
  const gate = new ChainGate({
    rpcs,
    deployment,
    clock,
    onMismatch: ({ code }) => mismatches.push(code),
    onCall: (method, outcome) => calls.push(`${method} ${outcome}`),
  });
  return { calls, gate, mismatches };
}

const codeOf = (error: unknown): unknown => (error instanceof NodeError ? error.code : error);

describe("ChainGate", () => {
  adversarial("a chain with another number ends the node, and is asked nothing else", async () => {
    const { asked, rpc } = endpoint({ chainId: "0x1" });
    const { gate, mismatches } = createGate(rpc);

    expect(await gate.open().catch(codeOf)).toBe("WrongChain");
    expect(await gate.rpcs[0]?.request("eth_sendRawTransaction", []).catch(codeOf)).toBe(
      "WrongChain",
    );
    expect(mismatches).toEqual(["WrongChain", "WrongChain"]);
    expect(new Set(asked)).toEqual(new Set(["eth_chainId"]));
  });

  adversarial("contracts with other code end the node, before anything is sent", async () => {
    for (const code of ["0x", "0x6000"]) {
      const { asked, rpc } = endpoint({ code });
      const { gate, mismatches } = createGate(rpc);

      expect(await gate.rpcs[0]?.request("eth_sendRawTransaction", []).catch(codeOf)).toBe(
        "CodeMismatch",
      );
      expect(mismatches).toEqual(["CodeMismatch"]);
      expect(asked).not.toContain("eth_sendRawTransaction");
    }
  });

  adversarial("an endpoint that names no chain is not the right one", async () => {
    for (const chainId of ["", "31337", "0x", "0xzz"]) {
      const { gate } = createGate(endpoint({ chainId }).rpc);
      expect(await gate.open().catch(codeOf)).toBe("WrongChain");
    }
  });

  unit("a chain that is away is told, asked again with each call, and ends nothing", async () => {
    const { answers, asked, rpc } = endpoint({ away: true });
    const { gate, mismatches } = createGate(rpc);

    expect(await gate.open()).toBe(AWAY);
    expect(gate.sight).toEqual({
      isChecked: false,
      away: "nobody answers",
      newestBlockSec: undefined,
    });
    expect(await gate.rpcs[0]?.request("eth_blockNumber", []).catch(codeOf)).toBe("RpcUnreachable");
    expect(asked).toEqual(["eth_chainId", "eth_chainId"]);
    answers.away = false;
    expect(await gate.open().catch(codeOf)).toBe("CodeMismatch");
    expect(mismatches).toEqual(["CodeMismatch"]);
  });

  unit("calls go through once the contracts were found, and tell what they saw", async () => {
    const { gate, calls, mismatches } = createGate(chain().local.rpc, endpoint({ away: true }).rpc);

    expect(await gate.open()).toBeUndefined();
    const checks = calls.length;
    await gate.rpcs[0]?.request("eth_getBlockByNumber", ["latest", false]);
    await gate.rpcs[0]?.request("eth_foo", []).catch(() => {});

    expect(calls.slice(checks)).toEqual(["eth_getBlockByNumber answered", "eth_foo refused"]);
    expect(gate.sight).toMatchObject({ isChecked: true, away: undefined });
    expect(gate.sight.newestBlockSec).toBeGreaterThan(0);
    expect(mismatches).toEqual([]);
  });
});
