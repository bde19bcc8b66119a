"""What the network would have done for events of the past: their real words, in their order and at their time."""
