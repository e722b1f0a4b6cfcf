"""The panel's work on a place, from referral to plan and review: states, what is still needed, levels and guards."""
