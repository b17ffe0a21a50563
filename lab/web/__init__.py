"""The page of the lab: what the bench shows, what may be done to it, and the labs, by clicks."""
