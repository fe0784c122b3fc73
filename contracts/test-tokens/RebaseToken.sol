// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Balances are shares of a whole that anyone may make larger or smaller.
contract RebaseToken is PlainToken {
    /// Tokens per share, in billionths. Zero stands for one token per share.
    uint256 public index;

    function rebase(uint256 newIndex) external {
        index = newIndex;
    }

    function balanceOf(address owner) public view override returns (uint256) {
        return index == 0 ? _balances[owner] : (_balances[owner] * index) / 1e9;
    }

    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        return super._move(from, to, index == 0 ? amount : (amount * 1e9) / index);
    }
}
