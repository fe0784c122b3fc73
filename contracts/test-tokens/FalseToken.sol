// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Returns false where others revert: when somebody owns or may spend too little, and, once it is stopped, at
/// every transfer. Anyone may stop it.
contract FalseToken is PlainToken {
    bool public stopped;

    function stop(bool isStopped) external {
        stopped = isStopped;
    }

    function transfer(address to, uint256 amount) external override returns (bool) {
        return _moves(msg.sender, to, amount);
    }

    function transferFrom(
        address from,
        address to,
        uint256 amount
    ) external override returns (bool) {
        if (allowance[from][msg.sender] < amount) return false;
        if (!_moves(from, to, amount)) return false;
        allowance[from][msg.sender] -= amount;
        return true;
    }

    function _moves(address from, address to, uint256 amount) private returns (bool) {
        if (stopped || _balances[from] < amount) return false;
        return _move(from, to, amount);
    }
}
