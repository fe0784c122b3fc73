// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {NitroAdjudicator} from '@statechannels/nitro-protocol/contracts/NitroAdjudicator.sol';

/// The published adjudicator with one word changed where it pays tokens: `transfer` became `safeTransfer`, so
/// that a payout that fails undoes the whole call. The word stands in a function that nobody can override,
/// so the build changes it in the published source before it compiles; see build-sources.ts.
contract HardenedAdjudicator is NitroAdjudicator {

}
