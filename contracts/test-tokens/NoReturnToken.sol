// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Says nothing where ERC-20 says true, and lets an allowance be changed to or from zero only, as the USDT
/// of the main chain does.
contract NoReturnToken is PlainToken {
    function approve(address spender, uint256 amount) external override returns (bool) {
        require(amount == 0 || allowance[msg.sender][spender] == 0, 'set the allowance to zero first');
        allowance[msg.sender][spender] = amount;
        _sayNothing();
    }

    function transfer(address to, uint256 amount) external override returns (bool) {
        _move(msg.sender, to, amount);
        _sayNothing();
    }

    function transferFrom(
        address from,
        address to,
        uint256 amount
    ) external override returns (bool) {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        _sayNothing();
    }

    function _sayNothing() private pure {
        assembly {
            return(0, 0)
        }
    }
}
