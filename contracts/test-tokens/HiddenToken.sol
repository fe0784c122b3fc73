// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Keeps its balances where no usual rule finds them. Otherwise it is as good as any.
contract HiddenToken is PlainToken {
    mapping(bytes32 => uint256) private _hidden;

    function balanceOf(address owner) public view override returns (uint256) {
        return _hidden[_keyOf(owner)];
    }

    function mint(address to, uint256 amount) external override returns (bool) {
        _hidden[_keyOf(to)] += amount;
        return true;
    }

    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        _hidden[_keyOf(from)] -= amount;
        _hidden[_keyOf(to)] += amount;
        emit Transfer(from, to, amount);
        return true;
    }

    function _keyOf(address owner) private pure returns (bytes32) {
        return keccak256(abi.encode('hidden', owner));
    }
}
