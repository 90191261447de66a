"""Learning's state in MongoDB."""

from services.learning.store.learning_store import COLLECTIONS, LearningStore

__all__ = ["COLLECTIONS", "LearningStore"]
