"""What the controller is compared with: two crons, always on, and an oracle that knows every start."""
