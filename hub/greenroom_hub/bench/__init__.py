"""How fast it is: each measurement beside a peer in the same run, wherever there is one."""
