"""The report of a flow: its typed content, its page, and the tables that README and docs take from it."""
