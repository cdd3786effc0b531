"""Stands in for test/service.py, which kafka-python's source package leaves out.

The suite only runs here against a broker that is up already, so a service is an address and never a process.
"""


class ExternalService:
    def __init__(self, host, port):
        self.host = host
        self.port = port

    def open(self):
        pass

    def close(self):
        pass

    def stop(self):
        pass


class SpawnedService:
    def __init__(self, *args, **kwargs):
        raise RuntimeError("this run has no process to start: set KAFKA_URI")
