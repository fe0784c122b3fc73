/** The structs of the adjudicator's interface, as viem reads them. Source: INitroTypes, ExitFormat. */

/** Appended to each list of functions or events that uses them. */
export const ADJUDICATOR_STRUCTS = [
  "struct Signature { uint8 v; bytes32 r; bytes32 s; }",
  "struct FixedPart { address[] participants; uint64 channelNonce; address appDefinition; uint48 challengeDuration; }",
  "struct AssetMetadata { uint8 assetType; bytes metadata; }",
  "struct Allocation { bytes32 destination; uint256 amount; uint8 allocationType; bytes metadata; }",
  "struct SingleAssetExit { address asset; AssetMetadata assetMetadata; Allocation[] allocations; }",
  "struct VariablePart { SingleAssetExit[] outcome; bytes appData; uint48 turnNum; bool isFinal; }",
  "struct SignedVariablePart { VariablePart variablePart; Signature[] sigs; }",
] as const;
