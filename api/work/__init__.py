"""The door for later: takes jobs that are due and has the rules do them."""
