// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Keeps who is blocked in the highest bit of the balance, as the USDC of the main chain does.
contract PackedListToken is PlainToken {
    uint256 private constant BLOCKED = 1 << 255;

    function balanceOf(address owner) public view override returns (uint256) {
        return _balances[owner] & ~BLOCKED;
    }

    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        require(_balances[from] < BLOCKED && _balances[to] < BLOCKED, 'blocked');
        return super._move(from, to, amount);
    }
}
