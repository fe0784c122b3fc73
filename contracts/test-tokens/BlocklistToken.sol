// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Moves nothing from or to those on its list. Anyone may change the list.
contract BlocklistToken is PlainToken {
    mapping(address => bool) public isBlocked;

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        require(!isBlocked[from] && !isBlocked[to], 'on the list');
        return super._move(from, to, amount);
    }
}
