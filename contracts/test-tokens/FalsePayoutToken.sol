// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Takes deposits, and moves nothing at a plain transfer: it returns false and does not revert.
contract FalsePayoutToken is PlainToken {
    function transfer(address, uint256) external pure override returns (bool) {
        return false;
    }
}
