"""What a survey measured, point by point: detections, forced photometry and limits, with their history."""
