"""The outside: each folder one technology, none knows another."""
