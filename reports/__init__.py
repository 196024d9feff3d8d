"""Reports: estimators, verdicts, findings and their renderers. Knows coding and db."""
