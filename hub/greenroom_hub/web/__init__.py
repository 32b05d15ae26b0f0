"""What browsers and scripts talk to."""
