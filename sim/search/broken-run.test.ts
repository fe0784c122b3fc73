/** Tests of who is to blame for a run that broke off. */
import { describe, expect } from "bun:test";
import { NodeError } from "../../src/primitives/node-error.ts";
import { unit } from "../../test/kind.ts";
import { brokenBy } from "./broken-run.ts";

describe("a run that broke off", () => {
  unit("is a finding where a node has let an error of its own escape", () => {
    const error = new NodeError("ChainContradicted", "two answers do not fit");
    expect(brokenBy(error)).toMatchObject({ oracle: "error" });
    expect(brokenBy(error).message).toContain("two answers do not fit");
  });

  unit("is a finding where the chain refuses what a node asks of it", () => {
    const error = new NodeError("RpcRefused", "transaction already imported");
    expect(brokenBy(error)).toMatchObject({ oracle: "error" });
  });

  unit("is none where the chain itself has died", () => {
    const error = new NodeError("ChainDied", "the local chain ended");
    expect(() => brokenBy(error)).toThrow(error);
  });
});
