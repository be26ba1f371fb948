"""The local cloud: ministack started in this process, mended where it differs from AWS."""
