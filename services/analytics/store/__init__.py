"""Analytics' state: counts by pseudonyms, and supply and demand of skills."""

from services.analytics.store.counts import COLLECTIONS, AnalyticsStore

__all__ = ["COLLECTIONS", "AnalyticsStore"]
