"""Why the platform does not start, each said so that the reader knows what to do next."""


class CannotStart(RuntimeError):
    """The platform cannot start here; the message says what to run or set."""


class AlreadyRunning(CannotStart):
    """A platform runs from the same home already."""


class PortTaken(CannotStart):
    """Another program listens where the gateway should."""


class BrokerMissing(CannotStart):
    """RabbitMQ is not installed and no AMQP_URI names one."""


class DatabaseMissing(CannotStart):
    """The stand-in database is not installed and no MONGO_URI names another."""


class NotReady(CannotStart):
    """Something did not become ready in time; the message names it and its log."""


class NotRunning(RuntimeError):
    """No platform runs from this home."""


class ControlFailed(RuntimeError):
    """The private broker did not do what it was told."""
