"""The dock widget that manages weights and chooses the device."""
