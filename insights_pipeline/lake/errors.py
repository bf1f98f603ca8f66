"""What can go wrong with a lake, each as one sentence."""


class LakeError(Exception):
    """The lake can't be read or written: one sentence that names the place and the remedy."""


class DamagedManifest(LakeError):
    """The file is there and is no manifest: a fault of that one day, where any other LakeError may be one of all."""


class ServiceBusy(Exception):
    """Another run has been collecting the service for longer than one waits."""
