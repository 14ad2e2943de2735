"""Playing matches, statistics of their scores, clips and plots."""
