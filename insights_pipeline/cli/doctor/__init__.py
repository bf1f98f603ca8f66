"""What `insights doctor` looks at: settings, access, and this machine; each check finds out one thing and mends nothing."""
