"""Who looks where and when."""
