"""Analytics' state: counts by pseudonyms, and supply and demand of skills."""

from services.analytics.store.counts import COLLECTIONS, AnalyticsStore, Kept

__all__ = ["COLLECTIONS", "AnalyticsStore", "Kept"]
