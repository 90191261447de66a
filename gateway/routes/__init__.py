"""What the gateway answers: `calls.py` passes the contract's calls on, the other modules are the gateway's own."""
