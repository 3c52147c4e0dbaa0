"""Methods in sentences that a paper can take, made from what the stages recorded."""
