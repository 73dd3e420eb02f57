"""What readers compose and keep: analyses, their history, drafts, shares, subscriptions, the bar of each."""
