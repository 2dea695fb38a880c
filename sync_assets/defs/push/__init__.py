"""Stock out to partners: the job, its plan, and the sensors that watch the shop."""
