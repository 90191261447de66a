"""Rules of learning: pure, without storage, broker or framework."""
