/** The tokens that tests try: one without a fault, and one for each fault. Their sources say which. */
import type { Artifact } from "./artifact.ts";
import blocklistToken from "./artifacts/test-tokens/BlocklistToken.json" with { type: "json" };
import falsePayoutToken from "./artifacts/test-tokens/FalsePayoutToken.json" with { type: "json" };
import falseToken from "./artifacts/test-tokens/FalseToken.json" with { type: "json" };
import feeToken from "./artifacts/test-tokens/FeeToken.json" with { type: "json" };
import hiddenToken from "./artifacts/test-tokens/HiddenToken.json" with { type: "json" };
import hookedToken from "./artifacts/test-tokens/HookedToken.json" with { type: "json" };
import hookRegistry from "./artifacts/test-tokens/HookRegistry.json" with { type: "json" };
import hookThief from "./artifacts/test-tokens/HookThief.json" with { type: "json" };
import interestToken from "./artifacts/test-tokens/InterestToken.json" with { type: "json" };
import lateInterestToken from "./artifacts/test-tokens/LateInterestToken.json" with {
  type: "json",
};
import newcomerRefusingToken from "./artifacts/test-tokens/NewcomerRefusingToken.json" with {
  type: "json",
};
import noDecimalsToken from "./artifacts/test-tokens/NoDecimalsToken.json" with { type: "json" };
import noReturnToken from "./artifacts/test-tokens/NoReturnToken.json" with { type: "json" };
import packedListToken from "./artifacts/test-tokens/PackedListToken.json" with { type: "json" };
import plainToken from "./artifacts/test-tokens/PlainToken.json" with { type: "json" };
import rebaseToken from "./artifacts/test-tokens/RebaseToken.json" with { type: "json" };
import tokenProxy from "./artifacts/test-tokens/TokenProxy.json" with { type: "json" };
import zeroRefusingToken from "./artifacts/test-tokens/ZeroRefusingToken.json" with {
  type: "json",
};

/** The compiled contracts of `test-tokens`, by their names: the tokens, a proxy and the registry of hooks. */
export const TEST_TOKENS: Readonly<Record<TestTokenName, Artifact>> = {
  BlocklistToken: blocklistToken as Artifact,
  FalsePayoutToken: falsePayoutToken as Artifact,
  FalseToken: falseToken as Artifact,
  FeeToken: feeToken as Artifact,
  HiddenToken: hiddenToken as Artifact,
  HookRegistry: hookRegistry as Artifact,
  HookThief: hookThief as Artifact,
  HookedToken: hookedToken as Artifact,
  InterestToken: interestToken as Artifact,
  LateInterestToken: lateInterestToken as Artifact,
  NewcomerRefusingToken: newcomerRefusingToken as Artifact,
  NoDecimalsToken: noDecimalsToken as Artifact,
  NoReturnToken: noReturnToken as Artifact,
  PackedListToken: packedListToken as Artifact,
  PlainToken: plainToken as Artifact,
  RebaseToken: rebaseToken as Artifact,
  TokenProxy: tokenProxy as Artifact,
  ZeroRefusingToken: zeroRefusingToken as Artifact,
};

/** One of the contracts in `test-tokens`. */
export type TestTokenName =
  | "BlocklistToken"
  | "FalsePayoutToken"
  | "FalseToken"
  | "FeeToken"
  | "HiddenToken"
  | "HookRegistry"
  | "HookThief"
  | "HookedToken"
  | "InterestToken"
  | "LateInterestToken"
  | "NewcomerRefusingToken"
  | "NoDecimalsToken"
  | "NoReturnToken"
  | "PackedListToken"
  | "PlainToken"
  | "RebaseToken"
  | "TokenProxy"
  | "ZeroRefusingToken";
