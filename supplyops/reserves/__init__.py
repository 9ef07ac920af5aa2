"""What should be kept and what there is: adequacy by tier, how long stock lasts, the yearly purchase plan."""
