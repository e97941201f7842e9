"""The dock widget that puts predictions beside a measured channel."""
