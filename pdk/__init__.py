"""What is known of each process, as data: one folder a process."""
