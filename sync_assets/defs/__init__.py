"""The only folder that knows Dagster: assets, checks, jobs, schedules, sensors. No business rule belongs here."""
